import type { Shape3, Spacing3 } from "./grid.ts";

/**
 * Exact squared Euclidean distance from every voxel to the nearest seed.
 *
 * @param isSeed - whether the voxel at a row-major index is a seed
 * @param shape - [depth, height, width]; a slice is [1, height, width]
 * @param spacing - mm, same axis order
 * @returns [depth, height, width], mm2; 0 at seeds, Infinity everywhere without any seed
 *
 * Source: Felzenszwalb and Huttenlocher 2012, doi:10.4086/toc.2012.v008a019.
 */
export function squaredDistanceToSeeds(
  isSeed: (index: number) => boolean,
  [depth, height, width]: Shape3,
  [dz, dy, dx]: Spacing3,
): Float64Array {
  const plane = height * width;
  const squared = new Float64Array(depth * plane);
  for (let index = 0; index < squared.length; index++) {
    squared[index] = isSeed(index) ? 0 : Number.POSITIVE_INFINITY;
  }
  const longest = Math.max(depth, height, width);
  const scratch: Scratch = {
    heights: new Float64Array(longest),
    apex: new Int32Array(longest),
    from: new Float64Array(longest),
  };
  for (let row = 0; row < depth * height; row++) {
    lowerEnvelope(squared, row * width, 1, width, dx, scratch);
  }
  for (let z = 0; height > 1 && z < depth; z++) {
    for (let x = 0; x < width; x++) {
      lowerEnvelope(squared, z * plane + x, width, height, dy, scratch);
    }
  }
  for (let column = 0; depth > 1 && column < plane; column++) {
    lowerEnvelope(squared, column, plane, depth, dz, scratch);
  }
  return squared;
}

interface Scratch {
  readonly heights: Float64Array;
  readonly apex: Int32Array;
  readonly from: Float64Array;
}

/**
 * One line of the transform, in place: the lower envelope of the parabolas
 * f(q) + (step (x - q))^2 that stand on the line's voxels.
 */
function lowerEnvelope(
  values: Float64Array,
  start: number,
  stride: number,
  count: number,
  step: number,
  { heights, apex, from }: Scratch,
): void {
  let last = -1;
  for (let q = 0; q < count; q++) {
    const height = values[start + q * stride] as number;
    heights[q] = height;
    if (height === Number.POSITIVE_INFINITY) continue;
    let cross = Number.NEGATIVE_INFINITY;
    while (last >= 0) {
      const p = apex[last] as number;
      const rise = (height - (heights[p] as number)) / (step * step);
      cross = (rise + q * q - p * p) / (2 * (q - p));
      if (cross > (from[last] as number)) break;
      last--;
      cross = Number.NEGATIVE_INFINITY;
    }
    last++;
    apex[last] = q;
    from[last] = cross;
  }
  if (last < 0) return;
  for (let x = 0, k = 0; x < count; x++) {
    while (k < last && (from[k + 1] as number) < x) k++;
    const p = apex[k] as number;
    values[start + x * stride] = (heights[p] as number) + (step * (x - p)) ** 2;
  }
}
