import { composed, inverseOf } from "./affine.ts";
import { type Affine, type Grid, type Shape3, voxelCount } from "./grid.ts";
import { type Mask, UNANNOTATED, type Volume, type VoxelArray } from "./volume.ts";

/**
 * A volume on another grid, by trilinear interpolation.
 *
 *     c = inverse(A_in) A_out (i, j, k, 1)
 *
 * A voxel of the result lies inside where -1/2 <= c < n - 1/2 along every axis; there the
 * eight neighbours, clamped to the array, are mixed. Nothing is smoothed before.
 *
 * @param fill - value outside the volume
 *
 * Source: the rule of itk::ResampleImageFilter with a linear interpolator.
 */
export function resampleVolume(
  volume: Volume,
  grid: Grid,
  fill = 0,
): Volume & { readonly voxels: Float32Array } {
  const voxels = new Float32Array(voxelCount(grid.shape)).fill(fill);
  const { shape, voxels: source } = volume;
  visitInside(volume, grid, (index, depth, height, width) => {
    voxels[index] = trilinear(source, shape, depth, height, width);
  });
  return { shape: grid.shape, spacing: grid.spacing, affine: grid.affine, voxels };
}

/**
 * A mask on another grid: the class of the nearest voxel, floor(c + 1/2), inside as
 * `resampleVolume` defines it.
 *
 * @param from - where the mask lies
 * @param fill - class outside the mask
 */
export function resampleMask(mask: Mask, from: Grid, grid: Grid, fill = UNANNOTATED): Mask {
  const classes = new Uint8Array(voxelCount(grid.shape)).fill(fill);
  const [, heightCount, widthCount] = mask.shape;
  visitInside(from, grid, (index, depth, height, width) => {
    const row = Math.floor(depth + 0.5) * heightCount + Math.floor(height + 0.5);
    classes[index] = mask.classes[row * widthCount + Math.floor(width + 0.5)] as number;
  });
  return { shape: grid.shape, classes };
}

/** Values on another grid: that of the nearest voxel, as `resampleMask`, of any type. */
export function resampleNearest<A extends VoxelArray>(
  from: Grid & { readonly voxels: A },
  grid: Grid,
  fill = 0,
): Grid & { readonly voxels: A } {
  const { voxels: source, shape } = from;
  const OwnArray = source.constructor as new (length: number) => A;
  const voxels = new OwnArray(voxelCount(grid.shape)).fill(fill) as A;
  visitInside(from, grid, (index, depth, height, width) => {
    const row = Math.floor(depth + 0.5) * shape[1] + Math.floor(height + 0.5);
    voxels[index] = source[row * shape[2] + Math.floor(width + 0.5)] as number;
  });
  return { shape: grid.shape, spacing: grid.spacing, affine: grid.affine, voxels };
}

/** Calls with every voxel of `grid` that lies inside `from`, and its place there in voxels. */
function visitInside(
  from: Grid,
  grid: Grid,
  visit: (index: number, depth: number, height: number, width: number) => void,
): void {
  const map: Affine = composed(inverseOf(from.affine), grid.affine);
  const [depthCount, heightCount, widthCount] = grid.shape;
  const at = (row: 0 | 4 | 8, d: number, h: number, w: number) =>
    map[row] * w +
    (map[row + 1] as number) * h +
    (map[row + 2] as number) * d +
    (map[row + 3] as number);
  const isInside = (place: number, count: number) => place >= -0.5 && place < count - 0.5;
  let index = 0;
  for (let d = 0; d < depthCount; d++) {
    for (let h = 0; h < heightCount; h++) {
      for (let w = 0; w < widthCount; w++, index++) {
        const [depth, height, width] = [at(8, d, h, w), at(4, d, h, w), at(0, d, h, w)];
        if (!isInside(depth, from.shape[0])) continue;
        if (!isInside(height, from.shape[1]) || !isInside(width, from.shape[2])) continue;
        visit(index, depth, height, width);
      }
    }
  }
}

function trilinear(
  voxels: VoxelArray,
  [depthCount, heightCount, widthCount]: Shape3,
  depth: number,
  height: number,
  width: number,
): number {
  const d = Math.floor(depth);
  const h = Math.floor(height);
  const w = Math.floor(width);
  const w0 = clamp(w, widthCount);
  const w1 = clamp(w + 1, widthCount);
  const share = width - w;
  const row = (atDepth: number, atHeight: number) => {
    const start =
      (clamp(atDepth, depthCount) * heightCount + clamp(atHeight, heightCount)) * widthCount;
    return mix(voxels[start + w0] as number, voxels[start + w1] as number, share);
  };
  const plane = (atDepth: number) => mix(row(atDepth, h), row(atDepth, h + 1), height - h);
  return mix(plane(d), plane(d + 1), depth - d);
}

function clamp(index: number, count: number): number {
  return index < 0 ? 0 : index >= count ? count - 1 : index;
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
