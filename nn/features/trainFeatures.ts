import type { StopSignal } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import { type Random, seededRandom } from "#core/random.ts";
import { type Description, describeNetwork } from "../describeNetwork.ts";
import type { Engine, ModelSpec, Weights } from "../engine.ts";
import { maskedAutoencoder } from "../networks/maskedAutoencoder.ts";
import { autoencoderOf, type FeatureOptions } from "./featureOptions.ts";
import { maskedBatch } from "./maskedBatches.ts";
import { maskedLoss, normalisedPatches } from "./maskedLoss.ts";
import type { SliceImage } from "./sliceImage.ts";

/** A trained autoencoder. */
export interface FeatureModel {
  readonly options: FeatureOptions;
  readonly weights: Weights;
  /** Of every step. */
  readonly losses: Float32Array;
}

export interface FeatureProgress {
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

/**
 * Trains a masked autoencoder on slices nobody has to have annotated. The same slices, options
 * and device give the same model.
 *
 * @param slices - of a whole cohort, intensities normalised per volume
 * @param onProgress - after every step; training waits for what it returns
 * @throws PlannerError "argument" for options that cannot be or no slices, "divergence" when the
 *   loss is not finite
 *
 * Source: He et al. 2022, arXiv:2111.06377.
 */
export async function trainFeatures(
  slices: readonly SliceImage[],
  options: FeatureOptions,
  engine: Engine,
  onProgress: (progress: FeatureProgress) => void | Promise<void>,
  signal: StopSignal,
): Promise<FeatureModel> {
  requireSlices(slices);
  const size = autoencoderOf(options);
  const spec = specOf(options);
  const random = seededRandom(options.seed);
  const description = describeNetwork(spec.network, spec.input);
  const weights = initialFeatureWeights(description, random.fork("weights"));
  const model = await engine.createModel(spec, weights);
  const losses = new Float32Array(options.steps);
  try {
    const batches = random.fork("batches");
    for (let step = 0; step < options.steps; step++) {
      signal.throwIfAborted();
      const { patches, indices, removed } = maskedBatch(slices, options, size, batches, step);
      const wanted = normalisedPatches(patches, size.patchValues);
      const objective = (drawn: Float32Array) => maskedLoss(drawn, wanted, removed);
      const rate = featureRateAt(options, step);
      const loss = await model.stepTowards(patches, objective, rate, indices);
      losses[step] = loss;
      await onProgress({ step: step + 1, steps: options.steps, loss });
    }
    return { options, weights: await model.readWeights(), losses };
  } finally {
    model.dispose();
  }
}

/** How the autoencoder of these options is trained. */
export function specOf(options: FeatureOptions): ModelSpec {
  const size = autoencoderOf(options);
  return {
    network: maskedAutoencoder(size),
    input: [options.batchSize, ...size.grid, size.patchValues],
    classes: size.patchValues,
    loss: { crossEntropy: 0, dice: 0 },
    optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.05 },
  };
}

/** Rises from 0 during the warm-up, then falls along half a cosine to 0. */
export function featureRateAt(
  { learningRate, warmUp, steps }: Pick<FeatureOptions, "learningRate" | "warmUp" | "steps">,
  step: number,
): number {
  const rising = Math.max(1, Math.round(warmUp * steps));
  if (step < rising) return (learningRate * (step + 1)) / rising;
  const share = (step - rising) / Math.max(1, steps - rising);
  return (learningRate * (1 + Math.cos(Math.PI * share))) / 2;
}

/**
 * Weights before training: linear layers uniform within sqrt(6 / (in + out)) (Glorot and Bengio
 * 2010), tokens normal with deviation 0.02, norms 1, the rest 0.
 */
export function initialFeatureWeights(
  { weights }: Pick<Description, "weights">,
  random: Random,
): Map<string, Float32Array> {
  return new Map(
    [...weights].map(([name, shape]) => {
      const stream = random.fork(name);
      const length = shape.reduce((product, n) => product * n, 1);
      const [rows = 1, columns = 1] = shape.slice(-2);
      const bound = Math.sqrt(6 / (rows + columns));
      const draw = name.endsWith(".kernel")
        ? () => bound * (2 * stream.uniform() - 1)
        : name.endsWith(".vector")
          ? () => 0.02 * stream.normal()
          : () => (name.endsWith(".scale") ? 1 : 0);
      return [name, Float32Array.from({ length }, draw)];
    }),
  );
}

function requireSlices(slices: readonly SliceImage[]): void {
  if (slices.length === 0)
    throw new PlannerError(
      "argument",
      "features must be learned from at least one slice, got none",
    );
  for (const { height, width, values } of slices)
    if (height < 1 || width < 1 || values.length !== height * width)
      throw new PlannerError(
        "argument",
        `a slice must have height x width values, got ${values.length} for ${height} x ${width}`,
      );
}
