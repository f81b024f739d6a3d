import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import type { AppState } from "./state.ts";

/** Whether a run is under way, paused ones included. */
export function isRunActive({ run }: AppState): boolean {
  return run.status !== "idle";
}

/** Cases that trials can use; 0 without a cohort. */
export function usableCaseCount({ cohort }: AppState): number {
  return cohort ? cohort.cases.filter(isUsable).length : 0;
}

/** Finished trials of the experiment shown. */
export function doneCount({ results }: AppState): number {
  return results.filter(({ status }) => status === "done").length;
}

/** A label of a cohort's masks. */
export interface CohortLabel {
  readonly label: number;
  /** From `dataset.json`; null where it has none. */
  readonly name: string | null;
  /** Usable cases that have it. */
  readonly cases: number;
}

/**
 * Labels of the usable cases, ascending. A new list each time: call it in `useMemo` with
 * the cohort, not as a selector.
 */
export function labelsOf(cohort: Cohort): CohortLabel[] {
  const counts = new Map<number, number>();
  for (const one of cohort.cases.filter(isUsable)) {
    for (const { label } of one.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts]
    .map(([label, cases]) => ({ label, name: cohort.labelNames[label] ?? null, cases }))
    .sort((a, b) => a.label - b.label);
}
