import { normalize } from "./normalize.ts";
import type { IntensityRule } from "./preprocessing.ts";
import type { VoxelArray } from "./volume.ts";

/** Values to which an image is clipped; null: none. */
export interface Clip {
  readonly low: number;
  readonly high: number;
}

/** What a rule clips an image to, before anything else is done to it. */
export function clipOf(voxels: VoxelArray, rule: IntensityRule): Clip | null {
  if (rule.kind === "window") return { low: rule.low, high: rule.high };
  if (rule.kind !== "percentiles") return null;
  const [low, high] = percentilesOf(voxels, [rule.low, rule.high]);
  return { low: low as number, high: high as number };
}

/** Voxels within a clip; those that are not finite become its low value, or 0 without one. */
export function clipped(voxels: VoxelArray, clip: Clip | null): Float32Array {
  const result = new Float32Array(voxels.length);
  for (let index = 0; index < result.length; index++) {
    const value = Math.fround(voxels[index] as number);
    if (!Number.isFinite(value)) result[index] = clip?.low ?? 0;
    else if (!clip) result[index] = value;
    else result[index] = Math.min(Math.max(value, clip.low), clip.high);
  }
  return result;
}

/**
 * Values as networks see them: a window becomes -1 to 1, percentiles and the z-score get
 * mean 0 and variance 1 over the volume, `none` stays as it is.
 */
export function scaled(voxels: Float32Array, rule: IntensityRule): Float32Array {
  if (rule.kind === "none") return voxels;
  if (rule.kind !== "window") return normalize(voxels).voxels;
  const [middle, half] = [(rule.low + rule.high) / 2, (rule.high - rule.low) / 2];
  return voxels.map((value) => (value - middle) / half);
}

/** Longer volumes are looked at in steps: a percentile needs no more. */
const MAX_SORTED = 2 ** 20;

/**
 * Percentiles of the finite voxels, linear between neighbours as NumPy's default; of every
 * k-th voxel where there are more than about a million.
 *
 * @param percents - 0 to 100
 */
export function percentilesOf(voxels: VoxelArray, percents: readonly number[]): number[] {
  const step = Math.ceil(voxels.length / MAX_SORTED);
  const sample = new Float64Array(Math.ceil(voxels.length / step));
  let count = 0;
  for (let index = 0; index < voxels.length; index += step) {
    const value = voxels[index] as number;
    if (Number.isFinite(value)) sample[count++] = value;
  }
  const sorted = sample.subarray(0, count).sort();
  return percents.map((percent) => {
    if (count === 0) return 0;
    const place = (percent / 100) * (count - 1);
    const low = Math.floor(place);
    const a = sorted[low] as number;
    const b = sorted[Math.min(count - 1, low + 1)] as number;
    return a + (b - a) * (place - low);
  });
}
