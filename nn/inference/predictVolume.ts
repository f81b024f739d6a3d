import type { Gate, StopSignal } from "#core/context.ts";
import type { VolumePatch } from "#core/experiment/patchSize.ts";
import { type Shape3, voxelCount } from "#core/volume/grid.ts";
import type { Mask, Volume } from "#core/volume/volume.ts";
import type { Model } from "../engine.ts";
import { largestLogit, requireFiniteLogits } from "./logits.ts";

export interface VolumePrediction {
  readonly model: Model;
  readonly classes: number;
  /** Size of the windows. */
  readonly patch: VolumePatch;
  readonly signal: StopSignal;
  readonly gate: Gate;
}

const OVERLAP = 0.5;
/** Voxels of the windows predicted at once. */
const PLACES = 131_072;

/**
 * The class of every voxel by a 3D network: windows of the training patch's size, half
 * overlapping, whose logits are averaged with Gaussian weights.
 *
 * @throws PlannerError "divergence" when a logit is not finite
 *
 * Source: methods 5.6; MONAI `sliding_window_inference`.
 */
export async function predictVolume(
  image: Volume & { readonly voxels: Float32Array },
  { model, classes, patch, signal, gate }: VolumePrediction,
): Promise<Mask> {
  const { shape } = image;
  const places = voxelCount(patch);
  const corners = windowCorners(shape, patch);
  const atOnce = windowsAtOnce(patch);
  const weights = gaussianWindow(patch);
  const sums = new Float32Array(voxelCount(shape) * classes);
  const totals = new Float32Array(voxelCount(shape));

  for (let first = 0; first < corners.length; ) {
    await gate();
    signal.throwIfAborted();
    // What is left over goes one by one, so that two sizes are planned, not many.
    const count = corners.length - first >= atOnce ? atOnce : 1;
    const batch = new Float32Array(count * places);
    for (let index = 0; index < count; index++) {
      const corner = corners[first + index] as Shape3;
      eachRow(shape, patch, corner, (inVolume, inPatch, length) => {
        batch.set(image.voxels.subarray(inVolume, inVolume + length), index * places + inPatch);
      });
    }
    const logits = await model.predict(batch, [count, ...patch, 1]);
    requireFiniteLogits(logits);
    for (let index = 0; index < count; index++) {
      const corner = corners[first + index] as Shape3;
      const offset = index * places;
      eachRow(shape, patch, corner, (inVolume, inPatch, length) => {
        for (let i = 0; i < length; i++) {
          const weight = weights[inPatch + i] as number;
          const from = (offset + inPatch + i) * classes;
          const to = (inVolume + i) * classes;
          for (let c = 0; c < classes; c++) {
            sums[to + c] = (sums[to + c] as number) + weight * (logits[from + c] as number);
          }
          totals[inVolume + i] = (totals[inVolume + i] as number) + weight;
        }
      });
    }
    first += count;
  }
  // All classes of a voxel have the same total weight, so the largest sum is the largest mean.
  const mask = new Uint8Array(totals.length);
  for (let place = 0; place < mask.length; place++) {
    mask[place] = largestLogit(sums, place * classes, classes);
  }
  return { shape, classes: mask };
}

/** Windows that are predicted together. */
export function windowsAtOnce(patch: VolumePatch): number {
  return Math.max(1, Math.floor(PLACES / voxelCount(patch)));
}

/**
 * Corners of windows that cover a volume. The step is floor(patch / 2), and the
 * last window is moved back to the border; along an axis shorter than the patch there is one
 * window, with the volume in its middle (a negative corner).
 */
export function windowCorners(shape: Shape3, patch: VolumePatch): Shape3[] {
  const along = ([0, 1, 2] as const).map((axis) => {
    const spare = shape[axis] - patch[axis];
    if (spare <= 0) return [-Math.floor(-spare / 2)];
    const step = Math.max(1, Math.floor(patch[axis] * (1 - OVERLAP)));
    const count = Math.ceil(spare / step) + 1;
    return Array.from({ length: count }, (_, index) => Math.min(spare, index * step));
  });
  const [depths = [], rows = [], columns = []] = along;
  return depths.flatMap((z) => rows.flatMap((y) => columns.map((x) => [z, y, x] as const)));
}

/**
 * Weights of the places of a window, from the middle down to its borders.
 *
 *     w = exp(-x^2 / (2 sigma^2)) along each axis, multiplied; sigma = size / 8, at least 1e-3
 */
export function gaussianWindow(patch: VolumePatch): Float32Array {
  const [depth = [], height = [], width = []] = patch.map((size) =>
    Array.from({ length: size }, (_, index) => {
      const x = index - (size - 1) / 2;
      return Math.exp(-(x * x) / (2 * (size / 8) ** 2));
    }),
  );
  const all = depth.flatMap((a) => height.flatMap((b) => width.map((c) => a * b * c)));
  return Float32Array.from(all, (weight) => Math.max(1e-3, weight));
}

/** Calls back for every row of a window that lies in the volume, with flat starts. */
function eachRow(
  [planes, rows, columns]: Shape3,
  [depth, height, width]: VolumePatch,
  [z0, y0, x0]: Shape3,
  visit: (inVolume: number, inPatch: number, length: number) => void,
): void {
  const from = Math.max(0, x0);
  const length = Math.min(columns, x0 + width) - from;
  for (let z = Math.max(0, -z0); z < Math.min(depth, planes - z0); z++) {
    for (let y = Math.max(0, -y0); y < Math.min(height, rows - y0); y++) {
      const inVolume = ((z + z0) * rows + y + y0) * columns + from;
      visit(inVolume, (z * height + y) * width + from - x0, length);
    }
  }
}
