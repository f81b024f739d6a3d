import type { VoxelArray } from "./volume.ts";

/** Range and mean of a volume. */
export interface Intensity {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Voxels that are NaN or infinite; nothing else counts them. */
  readonly nonFinite: number;
}

/** Of finite voxels; zeros when there is none. */
export function intensityOf(voxels: VoxelArray): Intensity {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let nonFinite = 0;
  for (let index = 0; index < voxels.length; index++) {
    const value = voxels[index] as number;
    if (!Number.isFinite(value)) {
      nonFinite++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const count = voxels.length - nonFinite;
  if (count === 0) return { min: 0, max: 0, mean: 0, nonFinite };
  return { min, max, mean: sum / count, nonFinite };
}
