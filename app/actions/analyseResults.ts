import type { Analysis } from "#core/analysis/analyse.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { AppContext } from "./appContext.ts";
import { notifyError } from "./notices.ts";

/** What results say, worked out in a worker; null, with a notice, when that failed. */
export async function analyseResults(
  app: AppContext,
  results: readonly TrialResult[],
): Promise<Analysis | null> {
  try {
    return await app.services.analysisWorker.run("analyse", { results });
  } catch (error) {
    notifyError(app, error);
    return null;
  }
}
