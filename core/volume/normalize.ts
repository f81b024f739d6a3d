import type { VoxelArray } from "./volume.ts";

/** Intensities as networks see them, and what was found on the way. */
export interface Normalized {
  readonly voxels: Float32Array;
  /** Of the input; voxels that are not finite count as 0. */
  readonly mean: number;
  /** Population standard deviation of the input. */
  readonly deviation: number;
  /** Voxels that were NaN, infinite or beyond float32; they were taken as 0. */
  readonly nonFinite: number;
}

/**
 * Intensities with mean 0 and variance 1 over the whole volume.
 *
 *     z = (x - mean) / deviation,  deviation^2 = mean of (x - mean)^2
 *
 * A volume of one value becomes zeros: it has no contrast to scale, and nothing is NaN.
 */
export function normalize(voxels: VoxelArray): Normalized {
  const result = new Float32Array(voxels.length);
  let nonFinite = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < voxels.length; index++) {
    let value = Math.fround(voxels[index] as number);
    if (!Number.isFinite(value)) {
      value = 0;
      nonFinite++;
    }
    result[index] = value;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const mean = voxels.length === 0 ? 0 : sum / voxels.length;
  const deviation = min < max ? deviationOf(result, mean) : 0;
  if (deviation === 0) return { voxels: result.fill(0), mean, deviation: 0, nonFinite };
  for (let index = 0; index < result.length; index++) {
    result[index] = ((result[index] as number) - mean) / deviation;
  }
  return { voxels: result, mean, deviation, nonFinite };
}

function deviationOf(values: Float32Array, mean: number): number {
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
