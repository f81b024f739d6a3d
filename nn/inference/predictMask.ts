import type { Gate, StopSignal } from "#core/context.ts";
import type { SlicePatch } from "#core/experiment/patchSize.ts";
import { type Mask, sliceOf, type Volume } from "#core/volume/volume.ts";
import type { Model } from "../engine.ts";
import { largestLogit, requireFiniteLogits } from "./logits.ts";

export interface Prediction {
  readonly model: Model;
  readonly classes: number;
  /** Slices are padded to at least the size the network trained on. */
  readonly patch: SlicePatch;
  /** And to multiples of this. */
  readonly multiple: number;
  readonly signal: StopSignal;
  readonly gate: Gate;
}

/** Places of one batch: 32 slices of 64 x 64, or one of 512 x 256. */
const PLACES = 131_072;
const MOST_SLICES = 32;

/**
 * The class of every voxel by a 2D network, slice by slice: slices are padded with 0 around
 * the middle, predicted in batches, and the class with the largest logit is cropped back.
 *
 * @throws PlannerError "divergence" when a logit is not finite: such a network says nothing,
 *   and a mask made of it would be scored like any other
 */
export async function predictMask(
  image: Volume & { readonly voxels: Float32Array },
  { model, classes, patch, multiple, signal, gate }: Prediction,
): Promise<Mask> {
  const [depth, height, width] = image.shape;
  const { slicesAtOnce, ...padded } = paddedSlices([height, width], patch, multiple);
  const places = padded.height * padded.width;
  const top = Math.floor((padded.height - height) / 2);
  const left = Math.floor((padded.width - width) / 2);

  const mask = { shape: image.shape, classes: new Uint8Array(image.voxels.length) };
  for (let first = 0; first < depth; first += slicesAtOnce) {
    await gate();
    signal.throwIfAborted();
    const count = Math.min(slicesAtOnce, depth - first);
    const batch = new Float32Array(count * places);
    for (let index = 0; index < count; index++) {
      const slice = sliceOf(image.voxels, image.shape, first + index);
      for (let row = 0; row < height; row++) {
        const at = index * places + (top + row) * padded.width + left;
        batch.set(slice.subarray(row * width, (row + 1) * width), at);
      }
    }
    const logits = await model.predict(batch, [count, padded.height, padded.width, 1]);
    requireFiniteLogits(logits);
    for (let index = 0; index < count; index++) {
      const slice = sliceOf(mask.classes, mask.shape, first + index);
      for (let row = 0; row < height; row++) {
        const at = index * places + (top + row) * padded.width + left;
        for (let column = 0; column < width; column++) {
          slice[row * width + column] = largestLogit(logits, (at + column) * classes, classes);
        }
      }
    }
  }
  return mask;
}

/** How slices are predicted: the size they are padded to and how many go together. */
export function paddedSlices(
  [height, width]: readonly [number, number],
  patch: SlicePatch,
  multiple: number,
): { readonly height: number; readonly width: number; readonly slicesAtOnce: number } {
  const padded = {
    height: roundedUp(Math.max(height, patch[0]), multiple),
    width: roundedUp(Math.max(width, patch[1]), multiple),
  };
  const fitting = Math.floor(PLACES / (padded.height * padded.width));
  return { ...padded, slicesAtOnce: Math.min(MOST_SLICES, Math.max(1, fitting)) };
}

function roundedUp(size: number, multiple: number): number {
  return Math.ceil(size / multiple) * multiple;
}
