import type { Gate, StopSignal } from "#core/context.ts";
import { type NetworkName, networkDimensions } from "#core/experiment/methods.ts";
import { isVolumePatch, patchSizeOf } from "#core/experiment/patchSize.ts";
import type { TrainingSettings } from "#core/experiment/trial.ts";
import { seededRandom } from "#core/random.ts";
import type { DeviceSpeed } from "#core/results/progress.ts";
import { type Shape3, voxelCount } from "#core/volume/grid.ts";
import { secondsNow } from "../clock.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Batch, Engine, Model, ModelSpec } from "../engine.ts";
import { type CasePrediction, predictCase } from "../inference/predictCase.ts";
import { type PredictionSizes, predictedShapes } from "../inference/predictedShapes.ts";
import { windowCorners } from "../inference/predictVolume.ts";
import { initialWeights } from "../weights.ts";
import { networks } from "./methods.ts";
import { lossOf, optimiserOf } from "./recipes.ts";

/** What is to be timed. */
export interface Calibration {
  readonly network: NetworkName;
  readonly training: TrainingSettings;
  /** Background included. */
  readonly classes: number;
  /** Of a volume of the cohort: usual depth, largest slices. */
  readonly shape: Shape3;
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
  { network: name, training, classes, shape }: Calibration,
  { signal, gate }: CalibrationContext,
): Promise<DeviceSpeed> {
  const random = seededRandom(1);
  const { network, multiple } = networks[name](training.networkSize, classes);
  const patch = patchSizeOf(training.patch, networkDimensions[name], [shape]);
  const input = [training.batchSize, ...patch, 1];
  const description = describeNetwork(network, input);
  const { macs } = description;
  const weights = initialWeights(description, random.fork("weights"));
  const loss = lossOf(training.recipe);
  const optimiser = optimiserOf(training.recipe);
  const batch = noise(input.reduce((product, size) => product * size, 1));

  const started = secondsNow();
  const spec: ModelSpec = { network, input, classes, loss, optimiser };
  const model = await engine.createModel(spec, weights);
  try {
    await model.step(batch, 1e-4);
    const firstStep = secondsNow() - started;
    const secondsPerStep = await timeSteps(model, batch, { signal, gate });

    const prediction = { model, classes, patch, multiple, signal, gate };
    const secondsPerSlice = await timeSlices(shape, prediction);
    const memory = memoryOf(engine, spec, { shape, patch, multiple, used: model.bytes });
    return {
      secondsPerStep,
      secondsPerSlice,
      secondsPerStart: Math.max(0, firstStep - secondsPerStep),
      gigaflops: (2 * trainingMacs(macs)) / secondsPerStep / 1e9,
      ...(memory ? { memory } : {}),
    };
  } finally {
    model.dispose();
  }
}

/** Forward pass, gradient of the input, gradient of the weights: each as much. */
const trainingMacs = (macs: number): number => 3 * macs;

/** What a trial plans to hold, and what the model that was measured holds. */
function memoryOf(
  engine: Engine,
  spec: ModelSpec,
  { used, ...sizes }: PredictionSizes & { readonly used: number },
): DeviceSpeed["memory"] | null {
  const plan = engine.planMemory(spec, predictedShapes(sizes));
  return plan && { planned: plan.bytes, used };
}

/**
 * Seconds to predict one slice of a volume. A 3D network is timed on the windows of a part of
 * the volume, and the time is that of all its windows over its slices.
 */
async function timeSlices(shape: Shape3, prediction: CasePrediction): Promise<number> {
  const { patch } = prediction;
  const part: Shape3 = isVolumePatch(patch) ? patch : [SLICES, shape[1], shape[2]];
  const image = {
    shape: part,
    spacing: [1, 1, 1] as const,
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const,
    voxels: noise(voxelCount(part)).images,
  };
  await predictCase(image, prediction);
  const before = secondsNow();
  await predictCase(image, prediction);
  const seconds = secondsNow() - before;
  return isVolumePatch(patch)
    ? (seconds * windowCorners(shape, patch).length) / shape[0]
    : seconds / SLICES;
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
