import type { DeviceSpeed, TrialProgress } from "#core/results/progress.ts";
import type { TrialResult } from "#core/results/result.ts";

/** What is known of a run's speed and of what is left of it. */
export interface RunClock {
  /** Optimiser steps of one trial. */
  readonly iterations: number;
  /** Trials left, the one under way included. */
  readonly waiting: number;
  readonly progress: TrialProgress | null;
  /** Trials that ended in this run. */
  readonly ended: readonly Pick<TrialResult, "status" | "seconds" | "secondsPerStep">[];
  /** By calibration; null when there was none. */
  readonly speed: DeviceSpeed | null;
  /** Slices of all test cases. */
  readonly testSlices: number;
}

/**
 * Seconds to the end of a run. A step takes the median of the trials that ended in this
 * run, else what the trial under way measures, else what calibration measured; likewise
 * what a trial takes besides its steps.
 *
 * @returns null while no step was measured
 */
export function remainingSeconds(clock: RunClock): number | null {
  const { iterations, waiting, progress, ended, speed, testSlices } = clock;
  if (waiting === 0) return 0;
  const done = ended.flatMap(({ status, seconds, secondsPerStep }) =>
    status === "done" && secondsPerStep !== null ? [{ seconds, secondsPerStep }] : [],
  );
  const step =
    median(done.map(({ secondsPerStep }) => secondsPerStep)) ??
    (progress?.phase === "train" ? progress.secondsPerStep : null) ??
    speed?.secondsPerStep ??
    null;
  if (step === null) return null;
  const besides =
    median(done.map((one) => Math.max(0, one.seconds - iterations * one.secondsPerStep))) ??
    (speed ? speed.secondsPerStart + testSlices * speed.secondsPerSlice : 0);
  const whole = iterations * step + besides;
  return (waiting - 1) * whole + leftOfTrial(progress, iterations * step, besides);
}

function leftOfTrial(progress: TrialProgress | null, training: number, besides: number): number {
  if (!progress || progress.phase === "prepare") return training + besides;
  const left = progress.steps === 0 ? 0 : 1 - progress.step / progress.steps;
  return progress.phase === "train" ? left * training + besides : left * besides;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}
