import type { Gate, StopSignal } from "#core/context.ts";
import type { NetworkName } from "#core/experiment/methods.ts";
import type { TrainingSettings } from "#core/experiment/trial.ts";
import { seededRandom } from "#core/random.ts";
import type { DeviceSpeed } from "#core/results/progress.ts";
import { secondsNow } from "../clock.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Batch, Engine, Model } from "../engine.ts";
import { predictMask } from "../inference/predictMask.ts";
import { patchSizeOf } from "../training/patchSize.ts";
import { initialWeights } from "../weights.ts";
import { networks } from "./methods.ts";
import { classes, trainingRecipes } from "./recipes.ts";

/** What is to be timed. */
export interface Calibration {
  readonly network: NetworkName;
  readonly training: TrainingSettings;
  /** [height, width] of the largest slices of the cohort. */
  readonly slice: readonly [height: number, width: number];
}

export interface CalibrationContext {
  readonly signal: StopSignal;
  readonly gate: Gate;
}

const FEWEST_STEPS = 3;
const MOST_STEPS = 20;
/** Steps are timed for about this long, and slices for as long again. */
const SECONDS = 1;
const SLICES = 32;

/**
 * The speed of a device, by real steps and predictions of a trial's size on noise.
 *
 * @throws PlannerError "device" when the device fails, "argument" when the network cannot
 *   take the patch
 */
export async function calibrate(
  engine: Engine,
  { network: name, training, slice }: Calibration,
  { signal, gate }: CalibrationContext,
): Promise<DeviceSpeed> {
  const random = seededRandom(1);
  const { network, multiple } = networks[name](training.networkSize);
  const patch = patchSizeOf(training.patch, [[1, ...slice]]);
  const input = [training.batchSize, ...patch, 1];
  const weights = initialWeights(describeNetwork(network, input), random.fork("weights"));
  const { loss, optimiser } = trainingRecipes[name];
  const batch = noise(training.batchSize * patch[0] * patch[1]);

  const started = secondsNow();
  const model = await engine.createModel({ network, input, classes, loss, optimiser }, weights);
  try {
    await model.step(batch, 1e-4);
    const firstStep = secondsNow() - started;
    const secondsPerStep = await timeSteps(model, batch, { signal, gate });

    const shape = [SLICES, ...slice] as const;
    const image = {
      shape,
      spacing: [1, 1, 1] as const,
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const,
      voxels: noise(SLICES * slice[0] * slice[1]).images,
    };
    const prediction = { model, classes, patch, multiple, signal, gate };
    await predictMask(image, prediction);
    const beforeSlices = secondsNow();
    await predictMask(image, prediction);
    return {
      secondsPerStep,
      secondsPerSlice: (secondsNow() - beforeSlices) / SLICES,
      secondsPerStart: Math.max(0, firstStep - secondsPerStep),
    };
  } finally {
    model.dispose();
  }
}

/** Median of a few steps. */
async function timeSteps(
  model: Model,
  batch: Batch,
  { signal, gate }: CalibrationContext,
): Promise<number> {
  const durations: number[] = [];
  const begun = secondsNow();
  while (
    durations.length < FEWEST_STEPS ||
    (durations.length < MOST_STEPS && secondsNow() - begun < SECONDS)
  ) {
    await gate();
    signal.throwIfAborted();
    const before = secondsNow();
    await model.step(batch, 1e-4);
    durations.push(secondsNow() - before);
  }
  return durations.sort((a, b) => a - b)[durations.length >> 1] ?? 0;
}

function noise(places: number): Batch {
  const random = seededRandom(1);
  const images = Float32Array.from({ length: places }, () => random.normal());
  return { images, classes: Uint8Array.from(images, (value) => (value > 0 ? 1 : 0)) };
}
