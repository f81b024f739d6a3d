import { isRunActive, usableCaseCount } from "./store/selectors.ts";
import type { AppState } from "./store/state.ts";
import { formatPlural } from "./ui/format.ts";

export const stepIds = ["cohort", "slices", "experiment", "run", "results"] as const;
export type StepId = (typeof stepIds)[number];

export const stepLabels: Record<StepId, string> = {
  cohort: "Cohort",
  slices: "Slices",
  experiment: "Experiment",
  run: "Run",
  results: "Results",
};

/** What a step says of itself in the navigation. */
export interface StepNote {
  readonly isDone: boolean;
  /** What it holds, or what is missing. */
  readonly note: string;
}

/** The step an address names; the first for any other. */
export function stepOfHash(hash: string): StepId {
  return stepIds.find((id) => hash === `#${id}`) ?? "cohort";
}

/** Opens a step; the browser's back button returns. */
export function goToStep(id: StepId): void {
  location.hash = id;
}

/** Where each step stands. */
export function stepNotes(state: AppState): Record<StepId, StepNote> {
  const usable = usableCaseCount(state);
  return {
    cohort: cohortNote(state, usable),
    slices: {
      isDone: false,
      note: usable === 0 ? "Needs a cohort" : "Optional: compare strategies",
    },
    experiment: experimentNote(state, usable),
    run: runNote(state, usable),
    results: resultsNote(state),
  };
}

function cohortNote({ cohort, reading }: AppState, usable: number): StepNote {
  if (reading) return { isDone: false, note: `Reading ${reading.done} of ${reading.total}` };
  if (!cohort) return { isDone: false, note: "Open a cohort" };
  if (usable === 0) return { isDone: false, note: "No case can be used" };
  const bad = cohort.cases.length - usable;
  const rest = bad > 0 ? `, ${bad} not` : "";
  return { isDone: true, note: `${formatPlural(usable, "case")} ready${rest}` };
}

function experimentNote({ experiment }: AppState, usable: number): StepNote {
  const { densities, volumeFractions, strategies, interpolators, repeats } = experiment;
  const trials =
    densities.length * volumeFractions.length * strategies.length * interpolators.length * repeats;
  if (usable === 0) return { isDone: false, note: "Needs a cohort" };
  if (trials === 0) return { isDone: false, note: "A list of what to compare is empty" };
  return { isDone: true, note: `${formatPlural(trials, "trial")} planned` };
}

function runNote(state: AppState, usable: number): StepNote {
  const { run, results } = state;
  if (isRunActive(state)) {
    const number = Math.min(run.total, run.total - run.waiting.length + 1);
    const paused = run.status === "paused" ? "Paused at trial" : "Trial";
    return { isDone: false, note: `${paused} ${number} of ${run.total}` };
  }
  if (run.unfinished) return { isDone: false, note: "Unfinished: go on?" };
  if (results.length > 0) return { isDone: true, note: "Finished" };
  return { isDone: false, note: usable === 0 ? "Needs a cohort" : "Not started" };
}

function resultsNote({ results }: AppState): StepNote {
  const failed = results.filter(({ status }) => status === "failed").length;
  const done = results.length - failed;
  if (done === 0) {
    return { isDone: false, note: failed > 0 ? `${failed} failed` : "No trial has finished" };
  }
  const rest = failed > 0 ? `, ${failed} failed` : "";
  return { isDone: true, note: `${formatPlural(done, "trial")}${rest}` };
}
