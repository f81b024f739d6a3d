import { METHOD_VERSION, type TrialResult } from "#core/results/result.ts";
import type { ResultStore } from "#core/results/resultStore.ts";

/**
 * Stored results of an experiment that this version's numbers compare with. Older ones stay
 * stored until their trial is run again.
 */
export async function storedResults(
  results: ResultStore,
  fingerprint: string,
): Promise<TrialResult[]> {
  const all = await results.all(fingerprint);
  return all.filter(({ methodVersion }) => methodVersion === METHOD_VERSION);
}
