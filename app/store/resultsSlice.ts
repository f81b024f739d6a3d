import type { TrialResult } from "#core/results/result.ts";
import type { Change } from "./slice.ts";
import type { ResultsSlice } from "./state.ts";

export const initialResults: ResultsSlice = { fingerprint: null, results: [] };

/** Shows another experiment's results. */
export function resultsOpened(
  fingerprint: string,
  results: readonly TrialResult[],
): Change<ResultsSlice> {
  return { fingerprint, results };
}

/** A result was stored; a later one of the same trial takes its place. */
export function resultAdded(state: ResultsSlice, result: TrialResult): Change<ResultsSlice> {
  if (result.experiment !== state.fingerprint) return {};
  const others = state.results.filter(({ trial }) => trial !== result.trial);
  return { results: [...others, result] };
}
