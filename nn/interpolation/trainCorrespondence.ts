import type { Context } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import type { LearnedOptions } from "#core/interpolation/interpolationSettings.ts";
import type { Random } from "#core/random.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { hasSimd } from "../devices/probeCpu.ts";
import type { Engine, Model, Weights } from "../engine.ts";
import { SLI2VOL_FEATURES, sli2vol } from "../networks/sli2vol.ts";
import { SMALL_FEATURES, smallSliceEncoder } from "../networks/smallSliceEncoder.ts";
import { initialWeights } from "../weights.ts";
import { type AffinityDevice, plainAffinity, wasmAffinity } from "./affinity.ts";
import { edgeProfile, PROFILE_CHANNELS } from "./edgeProfile.ts";
import { type ImageSource, type SliceTuple, SliceTuples } from "./sliceTuples.ts";
import { tupleObjective } from "./tupleObjective.ts";

/** What is known after each step. */
export interface CorrespondenceProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

export interface CorrespondenceContext extends Context {
  report(progress: CorrespondenceProgress): void;
}

/** Optimiser of Sli2Vol: Adam, no decay. */
const optimiser = {
  kind: "adamw",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const;

const unused = { crossEntropy: 1, dice: 0 } as const;

/** Channels of the features of a network. */
export const featuresOf = ({ network }: Pick<LearnedOptions, "network">): number =>
  network === "paper" ? SLI2VOL_FEATURES : SMALL_FEATURES;

/** The affinity on this processor. */
export const startAffinity = (): Promise<AffinityDevice> =>
  hasSimd() ? wasmAffinity() : Promise.resolve(plainAffinity);

/**
 * The encoder on a device, for slices of one size in training.
 *
 * @param input - [batch, height, width] of training batches
 */
export async function createEncoder(
  engine: Engine,
  { network }: Pick<LearnedOptions, "network">,
  input: readonly [batch: number, height: number, width: number],
  weights: Weights | Random,
): Promise<Model> {
  const spec = {
    network: network === "paper" ? sli2vol : smallSliceEncoder,
    input: [...input, PROFILE_CHANNELS],
    classes: featuresOf({ network }),
    loss: unused,
    optimiser,
  };
  const first =
    "fork" in weights
      ? initialWeights(describeNetwork(spec.network, spec.input), weights.fork("weights"))
      : weights;
  return engine.createModel(spec, first);
}

/**
 * Learns on images alone how slices of a volume correspond: every slice of random tuples is
 * rebuilt from its neighbours in the tuple.
 *
 * @returns the weights of the encoder
 * @throws PlannerError "experiment" when no volume has two slices, "divergence" when a loss is
 *   not finite, "device" when the device fails
 *
 * Source: section 2.4 of Zhang et al. 2025 (MIDL, PMLR 301:1811-1831), which combines Yeung et
 * al. 2021, doi:10.1007/978-3-030-87196-3_7, with Wu et al. 2022,
 * doi:10.1007/978-3-031-16440-8_29; sizes and rates they do not give are ours.
 */
export async function trainCorrespondence(
  engine: Engine,
  source: ImageSource,
  options: LearnedOptions,
  { random, signal, gate, report }: CorrespondenceContext,
): Promise<Weights> {
  const { steps, tuples: count, tupleSlices, sampling } = options;
  const size = await cropSize(source, options.crop);
  const tuples = new SliceTuples(source, size, options, random.fork("tuples"));
  const draws = random.fork("sampling");
  const jitter = random.fork("jitter");
  const affinity = await startAffinity();
  const channels = featuresOf(options);
  const model = await createEncoder(engine, options, [count * tupleSlices, ...size], random);
  try {
    for (let step = 0; step < steps; step++) {
      await gate();
      signal.throwIfAborted();
      const drawn: SliceTuple[] = [];
      for (let index = 0; index < count; index++) drawn.push(await tuples.next());
      const objective = tupleObjective(
        affinity,
        drawn,
        { size, channels, sampling: samplingAt(sampling, step, steps), random: draws },
        options,
      );
      const input = profilesOf(drawn, size, options, jitter);
      const loss = await model.stepTowards(input, objective, options.learningRate);
      requireFinite(loss, step);
      report({ step: step + 1, steps, loss });
    }
    return await model.readWeights();
  } finally {
    model.dispose();
  }
}

/** Rises from 0 over the first half of training. */
function samplingAt(most: number, step: number, steps: number): number {
  return most * Math.min(1, step / Math.max(1, 0.5 * steps));
}

/** The largest slice of the pool, cut to `most`. */
async function cropSize(source: ImageSource, most: number): Promise<readonly [number, number]> {
  let [height, width] = [1, 1];
  for (const id of source.ids) {
    const [, rows, columns] = source.shapeOf(id);
    height = Math.max(height, rows);
    width = Math.max(width, columns);
  }
  return [Math.min(most, height), Math.min(most, width)];
}

/** [tuples * K, height, width, 48]; a tuple of fewer slices repeats its last. */
function profilesOf(
  tuples: readonly SliceTuple[],
  size: readonly [number, number],
  { tupleSlices, temperature, jitter }: LearnedOptions,
  random: Random,
): Float32Array {
  const length = size[0] * size[1] * PROFILE_CHANNELS;
  const input = new Float32Array(tuples.length * tupleSlices * length);
  for (const [index, { slices }] of tuples.entries())
    for (let k = 0; k < tupleSlices; k++) {
      const slice = slices[Math.min(k, slices.length - 1)] as Float32Array;
      const seen = jitter ? jittered(slice, random) : slice;
      input.set(edgeProfile(seen, size, temperature), (index * tupleSlices + k) * length);
    }
  return input;
}

/**
 * Another window and gamma, so that brightness alone cannot say which pixels belong together.
 * Ranges after Sli2Vol's, whose windows were in Hounsfield units.
 */
function jittered(slice: Float32Array, random: Random): Float32Array {
  const low = 50 * random.uniform();
  const high = 255 - 50 * random.uniform();
  const gamma = 2 ** (2 * random.uniform() - 1);
  return slice.map((value) => {
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return 255 * share ** gamma;
  });
}

function requireFinite(loss: number, step: number): void {
  if (Number.isFinite(loss)) return;
  throw new PlannerError(
    "divergence",
    `the loss of step ${step + 1} of the learned interpolation is not finite (${loss}); ` +
      "lower its learning rate",
  );
}
