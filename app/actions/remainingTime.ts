import type { NetworkName } from "#core/experiment/methods.ts";
import type { NetworkSpeeds, TrialProgress } from "#core/results/progress.ts";
import type { TrialResult } from "#core/results/result.ts";

/** What is known of a run's speed and of what is left of it. */
export interface RunClock {
  /** Trials left, the one under way first. */
  readonly waiting: readonly {
    readonly configuration: { readonly network: NetworkName };
    readonly training: { readonly iterations: number };
  }[];
  readonly progress: TrialProgress | null;
  /** Trials that ended in this run. */
  readonly ended: readonly (Pick<TrialResult, "status" | "seconds" | "secondsPerStep"> & {
    readonly configuration: { readonly network: NetworkName };
  })[];
  /** By calibration; empty when there was none. */
  readonly speeds: NetworkSpeeds;
  /** Slices of all test cases. */
  readonly testSlices: number;
}

/**
 * Seconds to the end of a run. A step of a network takes the median of its trials that ended
 * in this run, else what its trial under way measures, else what calibration measured;
 * likewise what a trial takes besides its steps.
 *
 * @returns null while a step of one of the networks left was not measured
 */
export function remainingSeconds(clock: RunClock): number | null {
  const { waiting, progress } = clock;
  const times = new Map<string, ReturnType<typeof trialTime>>();
  let sum = 0;
  for (const [index, { configuration, training }] of waiting.entries()) {
    const { network } = configuration;
    const key = `${network} ${training.iterations}`;
    const time = times.has(key) ? times.get(key) : trialTime(clock, network, training.iterations);
    if (!time) return null;
    times.set(key, time);
    sum +=
      index === 0 ? leftOfTrial(progress, time.steps, time.besides) : time.steps + time.besides;
  }
  return sum;
}

function trialTime(
  { waiting, progress, ended, speeds, testSlices }: RunClock,
  network: NetworkName,
  iterations: number,
): { readonly steps: number; readonly besides: number } | null {
  const done = ended.flatMap(({ configuration, status, seconds, secondsPerStep }) =>
    configuration.network === network && status === "done" && secondsPerStep !== null
      ? [{ seconds, secondsPerStep }]
      : [],
  );
  const speed = speeds[network];
  const isUnderWay = waiting[0]?.configuration.network === network;
  const step =
    median(done.map(({ secondsPerStep }) => secondsPerStep)) ??
    (isUnderWay && progress?.phase === "train" ? progress.secondsPerStep : null) ??
    speed?.secondsPerStep ??
    null;
  if (step === null) return null;
  const besides =
    median(done.map((one) => Math.max(0, one.seconds - iterations * one.secondsPerStep))) ??
    (speed ? speed.secondsPerStart + testSlices * speed.secondsPerSlice : 0);
  return { steps: iterations * step, besides };
}

function leftOfTrial(progress: TrialProgress | null, training: number, besides: number): number {
  if (!progress || progress.phase === "prepare" || progress.phase === "interpolate")
    return training + besides;
  const left = progress.steps === 0 ? 0 : 1 - progress.step / progress.steps;
  return progress.phase === "train" ? left * training + besides : left * besides;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}
