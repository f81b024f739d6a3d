import type { Grid } from "./grid.ts";
import { padded } from "./padding.ts";
import {
  type IntensityRule,
  type Preprocessing,
  preparedGrid,
  respacedGrid,
} from "./preprocessing.ts";
import { resampleAligned, resampleAlignedLabels } from "./resampleAligned.ts";
import { clipOf, clipped, scaled } from "./scaleIntensity.ts";
import type { Volume, VoxelArray } from "./volume.ts";

/** The rule where none is chosen. */
export const zScore: IntensityRule = { kind: "zScore" };

/**
 * An image as trials see it: values clipped, spacing changed (linear, smoothed where voxels
 * grow by more than 2), cropped or padded with the lowest value about the centre, values
 * scaled.
 */
export function preprocessImage(
  image: Volume,
  preprocessing: Preprocessing,
): Volume & { readonly voxels: Float32Array } {
  const rule = preprocessing.intensity ?? zScore;
  const grid = respacedGrid(image, preprocessing);
  let voxels = clipped(image.voxels, clipOf(image.voxels, rule));
  if (grid.shape !== image.shape) {
    voxels = resampleAligned(voxels, image.shape, grid.shape, ratioOf(image, grid));
  }
  const { shape, spacing, affine } = preparedGrid(image, preprocessing);
  const fitted = padded(voxels, grid.shape, shape, lowestOf(voxels));
  return { shape, spacing, affine, voxels: scaled(fitted, rule) };
}

/** Labels on the grid of `preprocessImage`: nearest voxel, background where padded. */
export function preprocessLabels<A extends VoxelArray>(
  labels: A,
  of: Grid,
  preprocessing: Preprocessing,
): A {
  const grid = respacedGrid(of, preprocessing);
  const resampled =
    grid.shape === of.shape
      ? labels
      : resampleAlignedLabels(labels, of.shape, grid.shape, ratioOf(of, grid));
  return padded(resampled, grid.shape, preparedGrid(of, preprocessing).shape, 0);
}

function ratioOf(from: Grid, to: Grid): readonly [number, number, number] {
  const along = (axis: 0 | 1 | 2) => to.spacing[axis] / from.spacing[axis];
  return [along(0), along(1), along(2)];
}

function lowestOf(voxels: Float32Array): number {
  let low = Number.POSITIVE_INFINITY;
  for (const value of voxels) if (value < low) low = value;
  return voxels.length === 0 ? 0 : low;
}
