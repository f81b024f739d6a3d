import type { Trial } from "#core/experiment/trial.ts";
import type { RunSlice } from "./state.ts";

/** Points of the loss curve kept at most. */
export const MAX_LOSSES = 400;

export const initialRun: RunSlice = {
  status: "idle",
  waiting: [],
  total: 0,
  progress: null,
  losses: [],
  etaSeconds: null,
  unfinished: null,
};

export function runStarted(waiting: readonly Trial[], total: number): RunSlice {
  return { ...initialRun, status: "running", waiting, total };
}

/** The trial under way ended; the next one starts with an empty loss curve. */
export function trialEnded(run: RunSlice): RunSlice {
  return { ...run, waiting: run.waiting.slice(1), progress: null, losses: [] };
}

/** The run ended, by itself or because it was cancelled. */
export function runEnded(run: RunSlice): RunSlice {
  return { ...initialRun, total: run.total, unfinished: run.unfinished };
}

type Losses = RunSlice["losses"];

/**
 * The loss curve with more points. Steps fall into `MAX_LOSSES` equal stretches and the
 * first point of a stretch stays, so that points are evenly spread however many come.
 *
 * @param steps - of the whole trial
 */
export function withLosses(losses: Losses, added: Losses, steps: number): Losses {
  const stretchOf = (step: number) => Math.floor(((step - 1) * MAX_LOSSES) / steps);
  let last = losses.at(-1)?.[0];
  const kept = added.filter(([step]) => {
    if (last !== undefined && stretchOf(step) <= stretchOf(last)) return false;
    last = step;
    return true;
  });
  return kept.length === 0 ? losses : [...losses, ...kept];
}
