import { squaredDistanceToSeeds } from "../volume/distanceTransform.ts";
import type { Shape3, Spacing3 } from "../volume/grid.ts";
import type { Mask } from "../volume/volume.ts";
import { quantile } from "./statistics.ts";

/** How far the surfaces of a prediction and its reference are apart. */
export interface SurfaceDistances {
  /** Hausdorff distance: the largest distance, mm. */
  readonly hd: number;
  /** Larger of the two directed 95th percentiles, mm. */
  readonly hd95: number;
  /** Mean over the border voxels of both masks, mm. */
  readonly assd: number;
  /** Share of border voxels of both masks within each tolerance of the other, 0..1. */
  readonly nsd: readonly number[];
}

/**
 * Surface distances between the border voxels of two masks in one class.
 *
 * A border voxel has a face neighbour outside the mask; outside the grid counts as
 * outside. An axis of one voxel has no neighbours: a single slice is measured in its plane
 * (and a grid of one voxel is all border).
 * Percentiles interpolate linearly between ranks.
 *
 * Both masks empty: null, there is no surface. One empty: distances Infinity, nsd 0.
 *
 * @param spacing - mm
 * @param tolerances - of `nsd`, mm
 *
 * Source: definitions shared by MONAI 1.5 and MetricsReloaded (Maier-Hein et al. 2024,
 * doi:10.1038/s41592-023-02151-z); normalised surface Dice: Nikolov et al. 2021,
 * doi:10.2196/26151, here with border voxels in place of surface elements.
 */
export function surfaceDistances(
  prediction: Mask,
  reference: Mask,
  spacing: Spacing3,
  tolerances: readonly number[],
  targetClass = 1,
): SurfaceDistances | null {
  const { shape } = reference;
  const predicted = borderOf(prediction.classes, shape, targetClass);
  const truth = borderOf(reference.classes, shape, targetClass);
  if (predicted.length === 0 && truth.length === 0) return null;
  if (predicted.length === 0 || truth.length === 0) {
    const far = Number.POSITIVE_INFINITY;
    return { hd: far, hd95: far, assd: far, nsd: tolerances.map(() => 0) };
  }
  const toTruth = distancesTo(truth, predicted, shape, spacing);
  const toPredicted = distancesTo(predicted, truth, shape, spacing);
  const all = toTruth.length + toPredicted.length;
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const within = (values: Float64Array, limit: number) =>
    values.reduce((count, value) => count + (value <= limit ? 1 : 0), 0);
  return {
    hd: Math.max(toTruth.at(-1) as number, toPredicted.at(-1) as number),
    hd95: Math.max(quantile(toTruth, 0.95), quantile(toPredicted, 0.95)),
    assd: (sum(toTruth) + sum(toPredicted)) / all,
    nsd: tolerances.map((limit) => (within(toTruth, limit) + within(toPredicted, limit)) / all),
  };
}

/** Row-major indices of the border voxels of a class. */
function borderOf(classes: Uint8Array, shape: Shape3, targetClass: number): number[] {
  const [depth, height, width] = shape;
  const plane = height * width;
  if (classes.length === 1) return classes[0] === targetClass ? [0] : [];
  const border: number[] = [];
  for (let index = 0; index < classes.length; index++) {
    if (classes[index] !== targetClass) continue;
    const z = Math.floor(index / plane);
    const y = Math.floor(index / width) % height;
    const x = index % width;
    const isInner = (position: number, count: number, stride: number) =>
      count === 1 ||
      (position > 0 &&
        position < count - 1 &&
        classes[index - stride] === targetClass &&
        classes[index + stride] === targetClass);
    if (isInner(z, depth, plane) && isInner(y, height, width) && isInner(x, width, 1)) continue;
    border.push(index);
  }
  return border;
}

/** Distance (mm) of each voxel of `from` to the nearest of `seeds`, ascending. */
function distancesTo(
  seeds: readonly number[],
  from: readonly number[],
  shape: Shape3,
  spacing: Spacing3,
): Float64Array {
  const isSeed = new Uint8Array(shape[0] * shape[1] * shape[2]);
  for (const index of seeds) isSeed[index] = 1;
  const squared = squaredDistanceToSeeds((index) => isSeed[index] === 1, shape, spacing);
  return Float64Array.from(from, (index) => Math.sqrt(squared[index] as number)).sort();
}
