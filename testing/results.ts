import type { Configuration } from "#core/experiment/trial.ts";
import { RESULT_SCHEMA_VERSION, type TrialResult } from "#core/results/result.ts";

/** A finished trial with the given scores per test case, for tests of what is made of results. */
export function resultOf(
  configuration: Partial<Configuration>,
  repeat: number,
  scores: readonly number[],
  change: Partial<TrialResult> = {},
): TrialResult {
  const full: Configuration = {
    network: "unet2d",
    density: 0.1,
    volumeFraction: 1,
    strategy: "fixedInterval",
    interpolator: "none",
    ...configuration,
  };
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    experiment: "e",
    methodVersion: "1",
    trial: `${Object.values(full).join("-")}-r${repeat}`,
    configuration: full,
    repeat,
    seed: repeat,
    status: "done",
    error: null,
    volumes: Math.round(80 * full.volumeFraction),
    annotatedSlices: Math.round(80 * full.volumeFraction) * Math.round(40 * full.density),
    iou: {
      mean,
      pooled: mean,
      perCase: scores.map((iou, k) => ({ case: `case${k}`, tp: 1, fp: 1, fn: 1, iou })),
    },
    finalLoss: 0.1,
    seconds: 1,
    secondsPerStep: 0.1,
    backend: "cpu",
    device: "test",
    finishedAt: "2026-01-01T00:00:00Z",
    ...change,
  };
}
