import type { Configuration } from "#core/experiment/trial.ts";
import type { TrialResult } from "#core/results/result.ts";

/** A finished trial for tests: what is not given is ordinary. */
export function resultOf(
  configuration: Partial<Configuration>,
  other: Partial<Omit<TrialResult, "configuration">> = {},
): TrialResult {
  const full = {
    network: "unet2d",
    density: 0.1,
    volumeFraction: 1,
    strategy: "fixedInterval",
    interpolator: "none",
    ...configuration,
  } as const;
  const iou = 0.5 + 0.2 * full.density + 0.1 * full.volumeFraction;
  return {
    schemaVersion: 1,
    experiment: "0123456789abcdef",
    methodVersion: "1",
    trial: `${full.strategy}-d${full.density}-v${full.volumeFraction}-r${other.repeat ?? 0}`,
    configuration: full,
    repeat: 0,
    seed: 1,
    status: "done",
    error: null,
    volumes: Math.round(full.volumeFraction * 40),
    annotatedSlices: Math.round(full.volumeFraction * 40) * Math.round(full.density * 36),
    iou: { mean: iou, pooled: iou, perCase: [] },
    finalLoss: 0.31,
    seconds: 12,
    secondsPerStep: 0.1,
    backend: "cpu",
    device: "WASM, 4 threads",
    finishedAt: "2025-05-01T10:00:00.000Z",
    ...other,
  };
}
