import type { Cohort } from "#core/cohort/cohort.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import type { OpenedResults } from "#core/results/openedResults.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { Change } from "./slice.ts";
import type { ResultsSlice } from "./state.ts";

export const initialResults: ResultsSlice = {
  fingerprint: null,
  definition: null,
  results: [],
  unstored: [],
  followed: null,
};

/** What results are of, as far as it is known. */
interface Definition {
  readonly experiment: Experiment | null;
  readonly cohort?: Cohort;
}

/** Shows another experiment's results. */
export function resultsOpened(
  fingerprint: string,
  definition: Definition | null,
  results: readonly TrialResult[],
): Change<ResultsSlice> {
  const { experiment = null, cohort = null } = definition ?? {};
  return {
    fingerprint,
    definition: experiment && { experiment, cohort },
    results,
    unstored: [],
    followed: null,
  };
}

/** Files of results grew. */
export function resultsFollowed(
  state: ResultsSlice,
  { fingerprint, experiment, results }: OpenedResults,
): Change<ResultsSlice> {
  if (fingerprint !== state.fingerprint) return {};
  const cohort = state.definition?.cohort ?? null;
  return { results, definition: experiment ? { experiment, cohort } : state.definition };
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
