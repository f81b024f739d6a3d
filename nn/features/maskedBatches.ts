import type { Random } from "#core/random.ts";
import type { Indices } from "../engine.ts";
import { type MaskedAutoencoderOptions, maskLists } from "../networks/maskedAutoencoder.ts";
import type { FeatureOptions } from "./featureOptions.ts";
import { patchSize } from "./featureOptions.ts";
import { patchesOf, resized, type SliceImage, type Window, wholeOf } from "./sliceImage.ts";

/** What one step of the autoencoder is given. */
export interface MaskedBatch {
  /** [batch, rows, columns, patch values] */
  readonly patches: Float32Array;
  readonly indices: Indices;
  /** [batch, rows * columns]: 1 where a patch was removed. */
  readonly removed: Uint8Array;
}

/**
 * The batch of one step: slices in a new order each epoch, each cropped, mirrored and scaled
 * in intensity by up to a tenth, and patches removed by chance. It depends on the step alone.
 */
export function maskedBatch(
  slices: readonly SliceImage[],
  options: FeatureOptions,
  network: MaskedAutoencoderOptions,
  random: Random,
  step: number,
): MaskedBatch {
  const { batchSize, imageSize, flips } = options;
  const own = random.fork(`step ${step}`);
  const patches = new Float32Array(batchSize * imageSize ** 2);
  for (let i = 0; i < batchSize; i++) {
    const slice = sliceAt(slices, random, step * batchSize + i);
    const image = resized(slice, cropOf(slice, options.smallestCrop, own), imageSize);
    if (flips && own.uniform() < 0.5) mirror(image, imageSize);
    const gain = 0.9 + 0.2 * own.uniform();
    for (let at = 0; at < image.length; at++) image[at] = (image[at] ?? 0) * gain;
    patches.set(patchesOf(image, imageSize, patchSize), i * imageSize ** 2);
  }
  return { patches, ...masks(network, batchSize, own) };
}

function sliceAt(slices: readonly SliceImage[], random: Random, index: number): SliceImage {
  const epoch = Math.floor(index / slices.length);
  const order = random.fork(`epoch ${epoch}`).permutation(slices.length);
  return slices[order[index % slices.length] ?? 0] as SliceImage;
}

/** A part of the slice of its own proportions, at least `smallest` of its area. */
function cropOf(slice: SliceImage, smallest: number, random: Random): Window {
  const whole = wholeOf(slice);
  const side = Math.sqrt(smallest + (1 - smallest) * random.uniform());
  const [height, width] = [whole.height * side, whole.width * side];
  return {
    ...{ top: random.uniform() * (whole.height - height), height },
    ...{ left: random.uniform() * (whole.width - width), width },
  };
}

function mirror(image: Float32Array, size: number): void {
  for (let y = 0; y < size; y++) image.subarray(y * size, (y + 1) * size).reverse();
}

/** Which patches the encoder sees, for each slice by chance. */
export function masks(
  { grid, kept }: Pick<MaskedAutoencoderOptions, "grid" | "kept">,
  batch: number,
  random: Random,
): Pick<MaskedBatch, "indices" | "removed"> {
  const orders = Array.from({ length: batch }, () => random.permutation(grid[0] * grid[1]));
  return masksOf(orders, kept);
}

/**
 * The lists of places of a step in which the first `kept` patches of each order are seen.
 *
 * @param orders - per slice, all patches
 */
export function masksOf(
  orders: readonly (readonly number[])[],
  kept: number,
): Pick<MaskedBatch, "indices" | "removed"> {
  const count = orders[0]?.length ?? 0;
  const visible = new Int32Array(orders.length * (1 + kept));
  const restored = new Int32Array(orders.length * (1 + count)).fill(-1);
  const patches = new Int32Array(orders.length * count);
  const removed = new Uint8Array(orders.length * count).fill(1);
  orders.forEach((order, n) => {
    visible[n * (1 + kept)] = -1;
    restored[n * (1 + count)] = 0;
    order.slice(0, kept).forEach((patch, i) => {
      visible[n * (1 + kept) + 1 + i] = patch;
      restored[n * (1 + count) + 1 + patch] = 1 + i;
      removed[n * count + patch] = 0;
    });
    for (let patch = 0; patch < count; patch++) patches[n * count + patch] = 1 + patch;
  });
  const indices = new Map([
    [maskLists.visible, visible],
    [maskLists.restored, restored],
    [maskLists.patches, patches],
  ]);
  return { indices, removed };
}
