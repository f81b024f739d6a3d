import type { StopSignal } from "#core/context.ts";
import { seededRandom } from "#core/random.ts";
import type { Features } from "#core/selection/features.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine, ModelSpec } from "../engine.ts";
import { autoencoderFeatures } from "../networks/maskedAutoencoder.ts";
import { autoencoderOf, type FeatureOptions, patchSize } from "./featureOptions.ts";
import { masks, masksOf } from "./maskedBatches.ts";
import { momentsOf } from "./maskedLoss.ts";
import { imageOf, patchesOf, resized, type SliceImage, wholeOf } from "./sliceImage.ts";
import { type FeatureModel, specOf } from "./trainFeatures.ts";

/** Slices that are looked at together. */
const atOnce = 16;

/**
 * A descriptor of every slice: the encoder's features of all patches, averaged, at length 1.
 *
 * @param slices - intensities normalised as in training
 * @returns a row per slice
 * @throws PlannerError "device" as predictions do
 */
export async function featuresOf(
  { options, weights }: FeatureModel,
  slices: readonly SliceImage[],
  engine: Engine,
  signal: StopSignal,
): Promise<Features> {
  const size = autoencoderOf(options);
  const spec = encoderSpecOf(options, Math.min(atOnce, Math.max(1, slices.length)));
  const { weights: shapes } = describeNetwork(spec.network, spec.input);
  const own = new Map([...weights].filter(([name]) => shapes.has(name)));
  const model = await engine.createModel(spec, own);
  const length = size.encoder.width;
  const values = new Float32Array(slices.length * length);
  const count = size.grid[0] * size.grid[1];
  const inOrder = Array.from({ length: count }, (_, i) => i);
  try {
    for (let first = 0; first < slices.length; first += atOnce) {
      signal.throwIfAborted();
      const some = slices.slice(first, first + atOnce);
      const { indices } = masksOf(
        some.map(() => inOrder),
        count,
      );
      const input = [some.length, ...spec.input.slice(1)];
      const tokens = await model.predict(inputOf(some, options.imageSize), input, indices);
      for (let i = 0; i < some.length; i++)
        values.set(
          meanOf(tokens.subarray(i * count * length, (i + 1) * count * length), length),
          (first + i) * length,
        );
    }
  } finally {
    model.dispose();
  }
  return { count: slices.length, length, values };
}

/** What the autoencoder makes of a slice: three pictures [size, size], row-major. */
export interface Reconstruction {
  readonly size: number;
  readonly original: Float32Array;
  /** The original; NaN where patches were removed. */
  readonly masked: Float32Array;
  /** The original; what was drawn where patches were removed. */
  readonly reconstructed: Float32Array;
}

/**
 * Removes patches of a slice and draws them again. The network draws normalised patches; each
 * is shown with the mean and contrast of the patch it stands for.
 */
export async function reconstruct(
  { options, weights }: FeatureModel,
  slice: SliceImage,
  engine: Engine,
): Promise<Reconstruction> {
  const { patchValues, ...size } = autoencoderOf(options);
  const spec = specOf({ ...options, batchSize: 1 });
  const patches = inputOf([slice], options.imageSize);
  const { indices, removed } = masks(size, 1, seededRandom(options.seed).fork("reconstruct"));
  const model = await engine.createModel(spec, weights);
  try {
    const drawn = await model.predict(patches, spec.input, indices);
    const masked = patches.slice();
    const reconstructed = patches.slice();
    removed.forEach((one, patch) => {
      if (one === 0) return;
      const at = patch * patchValues;
      const { mean, deviation } = momentsOf(patches.subarray(at, at + patchValues));
      masked.fill(Number.NaN, at, at + patchValues);
      for (let i = at; i < at + patchValues; i++)
        reconstructed[i] = (drawn[i] ?? 0) * deviation + mean;
    });
    const picture = (values: Float32Array) => imageOf(values, options.imageSize, patchSize);
    return {
      size: options.imageSize,
      original: picture(patches),
      masked: picture(masked),
      reconstructed: picture(reconstructed),
    };
  } finally {
    model.dispose();
  }
}

function encoderSpecOf(options: FeatureOptions, batchSize: number): ModelSpec {
  const size = autoencoderOf(options);
  return {
    ...specOf({ ...options, batchSize }),
    network: autoencoderFeatures(size),
    classes: size.encoder.width,
  };
}

function inputOf(slices: readonly SliceImage[], imageSize: number): Float32Array {
  const input = new Float32Array(slices.length * imageSize ** 2);
  slices.forEach((slice, i) => {
    const image = resized(slice, wholeOf(slice), imageSize);
    input.set(patchesOf(image, imageSize, patchSize), i * imageSize ** 2);
  });
  return input;
}

/** The mean of rows of `length` values, scaled to length 1. */
function meanOf(rows: Float32Array, length: number): Float32Array {
  const sums = new Float64Array(length);
  rows.forEach((value, i) => {
    sums[i % length] = (sums[i % length] ?? 0) + value;
  });
  const norm = Math.sqrt(sums.reduce((sum, value) => sum + value ** 2, 0));
  return Float32Array.from(sums, (value) => (norm === 0 ? 0 : value / norm));
}
