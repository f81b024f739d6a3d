import type { TrialResult } from "#core/results/result.ts";
import type { Change } from "./slice.ts";
import type { ResultsSlice } from "./state.ts";

export const initialResults: ResultsSlice = {
  fingerprint: null,
  definition: null,
  results: [],
  unstored: [],
};

/** Shows another experiment's stored results. */
export function resultsOpened(
  fingerprint: string,
  definition: ResultsSlice["definition"],
  results: readonly TrialResult[],
): Change<ResultsSlice> {
  return {
    fingerprint,
    definition: definition && { experiment: definition.experiment, cohort: definition.cohort },
    results,
    unstored: [],
  };
}

/**
 * A trial ended; a later result of the same trial takes its place.
 *
 * @param isStored - false when the store refused it
 */
export function resultAdded(
  state: ResultsSlice,
  result: TrialResult,
  isStored = true,
): Change<ResultsSlice> {
  const { trial, experiment } = result;
  if (experiment !== state.fingerprint) return {};
  const results = [...state.results.filter((one) => one.trial !== trial), result];
  const others = state.unstored.filter((one) => one !== trial);
  return { results, unstored: isStored ? others : [...others, trial] };
}

/** A result that the store refused before is stored now. */
export function resultStored({ unstored }: ResultsSlice, trial: string): Change<ResultsSlice> {
  return { unstored: unstored.filter((one) => one !== trial) };
}
