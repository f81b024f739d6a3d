import { analyse } from "#core/analysis/analyse.ts";
import type { Handlers } from "./host.ts";

/** What results say. It needs no store, and seconds of computing for the bootstraps. */
export const analysisJobs = {
  analyse: async ({ results }) => ({ output: analyse(results) }),
} satisfies Handlers;
