import type { Affine } from "./grid.ts";
import { type Grid, type Shape3, voxelCount, worldOf } from "./grid.ts";
import type { VoxelArray } from "./volume.ts";

/** First voxel of the new array in the old one, per axis; negative where it is padded. */
function startsOf(from: Shape3, to: Shape3): Shape3 {
  const start = (axis: 0 | 1 | 2) => Math.floor((from[axis] - to[axis]) / 2);
  return [start(0), start(1), start(2)];
}

/**
 * A grid cropped or padded about its centre to a shape; voxels keep their places. Where the
 * difference is odd, the first side loses or gains the smaller half when cropped and the
 * larger when padded.
 */
export function paddedGrid(grid: Grid, shape: Shape3): Grid {
  if (shape.every((count, axis) => count === grid.shape[axis])) return grid;
  const [x, y, z] = worldOf(grid.affine, ...startsOf(grid.shape, shape));
  const [a, b, c, , d, e, f, , g, h, i] = grid.affine;
  const affine: Affine = [a, b, c, x, d, e, f, y, g, h, i, z];
  return { shape, spacing: grid.spacing, affine };
}

/** The voxels of `paddedGrid`; what is padded gets `fill`. */
export function padded<A extends VoxelArray>(voxels: A, from: Shape3, to: Shape3, fill: number): A {
  if (to.every((count, axis) => count === from[axis])) return voxels;
  const [depthStart, heightStart, widthStart] = startsOf(from, to);
  const result = new (voxels.constructor as new (length: number) => A)(voxelCount(to));
  if (fill !== 0) result.fill(fill);
  const firstWidth = Math.max(0, -widthStart);
  const lastWidth = Math.min(to[2], from[2] - widthStart);
  for (let d = Math.max(0, -depthStart); d < Math.min(to[0], from[0] - depthStart); d++) {
    for (let h = Math.max(0, -heightStart); h < Math.min(to[1], from[1] - heightStart); h++) {
      const source = ((d + depthStart) * from[1] + h + heightStart) * from[2] + widthStart;
      const target = (d * to[1] + h) * to[2];
      result.set(voxels.subarray(source + firstWidth, source + lastWidth), target + firstWidth);
    }
  }
  return result;
}
