import { PlannerError } from "#core/errors.ts";
import { hash32 } from "#core/hash.ts";
import type { MaskedAutoencoderOptions, TransformerSize } from "../networks/maskedAutoencoder.ts";

/** Sizes of the autoencoder. */
export type FeatureSize = "small" | "standard";

/** How features are learned; everything that changes them. */
export interface FeatureOptions {
  readonly size: FeatureSize;
  /** Side of what the network sees, pixels, a multiple of 8. */
  readonly imageSize: number;
  /** Share of the patches that are removed in training. */
  readonly maskRatio: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Highest learning rate. */
  readonly learningRate: number;
  /** Share of the steps in which the learning rate rises from 0. */
  readonly warmUp: number;
  /** Smallest share of a slice's area that training crops. */
  readonly smallestCrop: number;
  /** Whether slices are mirrored left to right; only where that is anatomically valid. */
  readonly flips: boolean;
  readonly seed: number;
}

/** Pixels along each side of a patch. */
export const patchSize = 8;

const sizes: Record<FeatureSize, { encoder: TransformerSize; decoder: TransformerSize }> = {
  small: {
    encoder: { width: 128, depth: 6, heads: 4 },
    decoder: { width: 64, depth: 2, heads: 4 },
  },
  standard: {
    encoder: { width: 192, depth: 6, heads: 3 },
    decoder: { width: 96, depth: 2, heads: 3 },
  },
};

/**
 * Training as in the paper of the autoencoder, for small grey slices (methods 2.4): slices at
 * 128 pixels, 20,000 steps of 64, learning rate 1.5e-4 batch / 256.
 */
export const standardFeatures: FeatureOptions = {
  ...{ size: "standard", imageSize: 128, maskRatio: 0.75, steps: 20_000, batchSize: 64 },
  ...{ learningRate: (1.5e-4 * 64) / 256, warmUp: 0.05, smallestCrop: 0.4, flips: false, seed: 1 },
};

/**
 * Training for a laptop: the smaller network, slices at 64 pixels, 600 steps of 16. So few
 * steps need a higher learning rate.
 */
export const quickFeatures: FeatureOptions = {
  ...{ ...standardFeatures, size: "small", imageSize: 64, steps: 600, batchSize: 16 },
  learningRate: 1e-3,
};

/**
 * The autoencoder of these options.
 *
 * @throws PlannerError "argument" for an image size that is no multiple of the patch, or a mask
 *   that leaves nothing to see or nothing to draw
 */
export function autoencoderOf({
  size,
  imageSize,
  maskRatio,
}: Pick<FeatureOptions, "size" | "imageSize" | "maskRatio">): MaskedAutoencoderOptions {
  if (!Number.isSafeInteger(imageSize) || imageSize < 2 * patchSize || imageSize % patchSize !== 0)
    throw new PlannerError(
      "argument",
      `imageSize must be a multiple of ${patchSize} pixels from ${2 * patchSize}, got ${imageSize}`,
    );
  const side = imageSize / patchSize;
  const kept = Math.floor(side * side * (1 - maskRatio));
  if (!(maskRatio > 0 && maskRatio < 1) || kept < 1)
    throw new PlannerError(
      "argument",
      `maskRatio must leave some of the ${side * side} patches to see and some to draw, got ${maskRatio}`,
    );
  return { grid: [side, side], patchValues: patchSize ** 2, ...sizes[size], kept };
}

/**
 * Under which features are kept: the same for the same data and options, in any order of the
 * cases, and another for any other.
 *
 * @param fingerprints - of the cases' images
 * @param backend - what computed them; its rounding differs
 */
export function featureKey(
  fingerprints: readonly string[],
  options: FeatureOptions,
  backend: string,
): string {
  const { size, imageSize, maskRatio, steps, batchSize, learningRate } = options;
  const { warmUp, smallestCrop, flips, seed } = options;
  const parts = [
    ...["features 1", backend, size, imageSize, maskRatio, steps, batchSize, learningRate],
    ...[warmUp, smallestCrop, flips, seed, ...[...fingerprints].sort()],
  ];
  const text = JSON.stringify(parts);
  return [0, 1, 2, 3].map((part) => hex(`${part} ${text}`)).join("");
}

const hex = (text: string): string => (hash32(text) >>> 0).toString(16).padStart(8, "0");
