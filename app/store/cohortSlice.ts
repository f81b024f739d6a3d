import type { Cohort } from "#core/cohort/cohort.ts";
import type { Change } from "./slice.ts";
import type { CohortSlice } from "./state.ts";

export const initialCohort: CohortSlice = {
  cohort: null,
  cohortSource: "none",
  reading: null,
  places: {},
  storage: null,
};

/** Reading began; pairing comes first and knows no number of cases. */
export function readingStarted(): Change<CohortSlice> {
  return { reading: { done: 0, total: 0, caseId: "" } };
}

export function readingProgressed(
  reading: NonNullable<CohortSlice["reading"]>,
): Change<CohortSlice> {
  return { reading };
}

/** Reading ended without a cohort; the one before stays. */
export function readingStopped(): Change<CohortSlice> {
  return { reading: null };
}

export function cohortOpened(
  cohort: Cohort,
  cohortSource: Exclude<CohortSlice["cohortSource"], "none">,
): Change<CohortSlice> {
  return { cohort, cohortSource, reading: null, places: {} };
}
