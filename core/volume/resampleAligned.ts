import type { Shape3 } from "./grid.ts";
import type { VoxelArray } from "./volume.ts";

/** Shrinking by more than this is smoothed before. */
const SMOOTHED_FROM = 2;
/** Gaussians end after so many standard deviations. */
const TRUNCATE = 4;

/**
 * A volume with other voxel counts over the same box: what `resampleVolume` gives for the
 * grid of `resampledGrid`, one axis after the other.
 *
 *     c = (index + 1/2) * ratio - 1/2,  linear between floor(c) and floor(c) + 1, clamped
 *
 * An axis along which voxels grow by more than 2 is smoothed before by a Gaussian with a
 * standard deviation of (ratio - 1) / 2 voxels, mirrored at the edges, so that structures
 * that are too fine are not folded into false ones.
 *
 * @param ratio - spacing wanted over spacing there is, [depth, height, width]
 *
 * Source: the rule of itk::ResampleImageFilter; the width of the Gaussian is that of
 * scikit-image's `resize`, its edges and cut those of scipy.ndimage.gaussian_filter.
 */
export function resampleAligned(
  voxels: VoxelArray,
  from: Shape3,
  to: Shape3,
  ratio: readonly [number, number, number],
): Float32Array {
  let current: Float32Array = Float32Array.from(voxels as ArrayLike<number>, (value) =>
    Number.isFinite(value) ? value : 0,
  );
  let shape: Shape3 = from;
  // The axis that shrinks most comes first: the others then have less to do.
  const order = ([0, 1, 2] as const).toSorted((a, b) => to[a] / from[a] - to[b] / from[b]);
  for (const axis of order) {
    if (ratio[axis] === 1 && to[axis] === shape[axis]) continue;
    if (ratio[axis] > SMOOTHED_FROM)
      current = smoothed(current, shape, axis, (ratio[axis] - 1) / 2);
    const next = shape.with(axis, to[axis]) as unknown as Shape3;
    current = alongAxis(current, shape, next, axis, ratio[axis]);
    shape = next;
  }
  return current;
}

/** Labels over the same box with other voxel counts: floor(c + 1/2) along each axis. */
export function resampleAlignedLabels<A extends VoxelArray>(
  labels: A,
  from: Shape3,
  to: Shape3,
  ratio: readonly [number, number, number],
): A {
  const places = ([0, 1, 2] as const).map((axis) =>
    Int32Array.from({ length: to[axis] }, (_, index) =>
      clamp(Math.floor((index + 0.5) * ratio[axis]), from[axis]),
    ),
  ) as [Int32Array, Int32Array, Int32Array];
  const [depths, heights, widths] = places;
  const result = new (labels.constructor as new (length: number) => A)(to[0] * to[1] * to[2]);
  let at = 0;
  for (const d of depths) {
    for (const h of heights) {
      const row = (d * from[1] + h) * from[2];
      for (const w of widths) result[at++] = labels[row + w] as number;
    }
  }
  return result;
}

/** Linear along one axis; blocks behind the axis move as one. */
function alongAxis(
  voxels: Float32Array,
  from: Shape3,
  to: Shape3,
  axis: 0 | 1 | 2,
  ratio: number,
): Float32Array {
  const { outer, inner } = blocks(from, axis);
  const [count, wanted] = [from[axis], to[axis]];
  const result = new Float32Array(outer * wanted * inner);
  for (let index = 0; index < wanted; index++) {
    const place = (index + 0.5) * ratio - 0.5;
    const low = Math.floor(place);
    const share = place - low;
    const [a, b] = [clamp(low, count), clamp(low + 1, count)];
    for (let block = 0; block < outer; block++) {
      const first = (block * count + a) * inner;
      const second = (block * count + b) * inner;
      const target = (block * wanted + index) * inner;
      for (let at = 0; at < inner; at++) {
        const value = voxels[first + at] as number;
        result[target + at] = value + ((voxels[second + at] as number) - value) * share;
      }
    }
  }
  return result;
}

function smoothed(
  voxels: Float32Array,
  shape: Shape3,
  axis: 0 | 1 | 2,
  sigma: number,
): Float32Array {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const weights = Array.from({ length: radius + 1 }, (_, at) => Math.exp(-0.5 * (at / sigma) ** 2));
  const sum = weights.reduce((total, weight, at) => total + (at === 0 ? weight : 2 * weight), 0);
  const { outer, inner } = blocks(shape, axis);
  const count = shape[axis];
  const result = new Float32Array(voxels.length);
  const line = new Float64Array(inner);
  for (let block = 0; block < outer; block++) {
    for (let index = 0; index < count; index++) {
      line.fill(0);
      for (let offset = -radius; offset <= radius; offset++) {
        const weight = (weights[Math.abs(offset)] as number) / sum;
        const source = (block * count + mirrored(index + offset, count)) * inner;
        for (let at = 0; at < inner; at++) {
          line[at] = (line[at] as number) + weight * (voxels[source + at] as number);
        }
      }
      result.set(line, (block * count + index) * inner);
    }
  }
  return result;
}

/** d c b a | a b c d | d c b a */
function mirrored(index: number, count: number): number {
  const period = 2 * count;
  const inside = ((index % period) + period) % period;
  return inside < count ? inside : period - 1 - inside;
}

function blocks(shape: Shape3, axis: 0 | 1 | 2): { outer: number; inner: number } {
  const product = (counts: readonly number[]) => counts.reduce((all, count) => all * count, 1);
  return { outer: product(shape.slice(0, axis)), inner: product(shape.slice(axis + 1)) };
}

function clamp(index: number, count: number): number {
  return index < 0 ? 0 : index >= count ? count - 1 : index;
}
