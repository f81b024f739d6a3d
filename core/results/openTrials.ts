import type { Trial } from "../experiment/trial.ts";
import type { TrialResult } from "./result.ts";

/** Trials without a finished result, in their order: those left to run, failed ones again. */
export function openTrials(
  trials: readonly Trial[],
  results: readonly Pick<TrialResult, "trial" | "status">[],
): Trial[] {
  const done = new Set(results.filter(({ status }) => status === "done").map(({ trial }) => trial));
  return trials.filter(({ id }) => !done.has(id));
}
