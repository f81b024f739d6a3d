import { seededRandom } from "../random.ts";
import type { Features } from "./features.ts";

/** Orthonormal directions along which rows spread most. */
export interface PrincipalAxes {
  /** [length] */
  readonly mean: Float64Array;
  /** [axes, length], largest variance first; fewer than asked where rows spread along fewer. */
  readonly axes: Float64Array;
  readonly count: number;
}

/** Rows from which directions are found; more add nothing but time. */
const MOST_ROWS = 4096;
const ROUNDS = 60;

/**
 * The leading principal axes of the rows, by orthogonal iteration on their covariance
 * (evenly spread rows of it where there are many). Each axis points so that its largest
 * entry is positive.
 *
 * @param count - axes wanted
 *
 * Source: orthogonal iteration, Golub and Van Loan, Matrix Computations, 7.3.2.
 */
export function principalAxes(features: Features, count: number): PrincipalAxes {
  const { length } = features;
  const mean = new Float64Array(length);
  const rows = spreadRows(features.count);
  for (const row of rows) addRow(mean, features, row, 1 / Math.max(1, rows.length));
  const covariance = covarianceOf(features, rows, mean);
  const wanted = Math.min(count, length);
  const random = seededRandom(1);
  let axes: Float64Array[] = Array.from({ length: wanted }, () =>
    Float64Array.from({ length }, () => random.normal()),
  );
  for (let round = 0; round < ROUNDS; round++) {
    axes = orthonormal(axes.map((axis) => product(covariance, axis)));
  }
  const joined = new Float64Array(axes.length * length);
  for (const [index, axis] of axes.entries()) joined.set(pointed(axis), index * length);
  return { mean, axes: joined, count: axes.length };
}

/**
 * Coordinates of every row along the axes.
 *
 * @returns [rows, axes.count]
 */
export function projected(
  features: Features,
  { mean, axes, count }: PrincipalAxes,
): Float32Array<ArrayBuffer> {
  const { length, values } = features;
  const result = new Float32Array(features.count * count);
  for (let row = 0; row < features.count; row++) {
    for (let axis = 0; axis < count; axis++) {
      let sum = 0;
      for (let k = 0; k < length; k++) {
        const centred = (values[row * length + k] as number) - (mean[k] as number);
        sum += centred * (axes[axis * length + k] as number);
      }
      result[row * count + axis] = sum;
    }
  }
  return result;
}

function spreadRows(count: number): number[] {
  const taken = Math.min(count, MOST_ROWS);
  return Array.from({ length: taken }, (_, k) => Math.floor((k * count) / taken));
}

function addRow(sum: Float64Array, { length, values }: Features, row: number, weight: number) {
  for (let k = 0; k < length; k++) {
    sum[k] = (sum[k] as number) + weight * (values[row * length + k] as number);
  }
}

/** [length, length], not divided by the number of rows: only directions matter. */
function covarianceOf(
  { length, values }: Features,
  rows: readonly number[],
  mean: Float64Array,
): Float64Array {
  const covariance = new Float64Array(length * length);
  const centred = new Float64Array(length);
  for (const row of rows) {
    for (let k = 0; k < length; k++) {
      centred[k] = (values[row * length + k] as number) - (mean[k] as number);
    }
    for (let a = 0; a < length; a++) {
      const weight = centred[a] as number;
      if (weight === 0) continue;
      for (let b = 0; b < length; b++) {
        covariance[a * length + b] =
          (covariance[a * length + b] as number) + weight * (centred[b] as number);
      }
    }
  }
  return covariance;
}

function product(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const result = new Float64Array(size);
  for (let a = 0; a < size; a++) {
    let sum = 0;
    for (let b = 0; b < size; b++) sum += (matrix[a * size + b] as number) * (vector[b] as number);
    result[a] = sum;
  }
  return result;
}

/** Gram and Schmidt, twice for accuracy; directions without length are dropped. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const kept: Float64Array[] = [];
  const longest = Math.max(0, ...vectors.map(lengthOf));
  for (const vector of vectors) {
    for (let pass = 0; pass < 2; pass++) for (const axis of kept) removePart(vector, axis);
    const size = lengthOf(vector);
    if (size <= 1e-10 * longest || size === 0) continue;
    kept.push(vector.map((value) => value / size));
  }
  return kept;
}

function removePart(vector: Float64Array, axis: Float64Array): void {
  let dot = 0;
  for (let k = 0; k < axis.length; k++) dot += (vector[k] as number) * (axis[k] as number);
  for (let k = 0; k < axis.length; k++) {
    vector[k] = (vector[k] as number) - dot * (axis[k] as number);
  }
}

function lengthOf(vector: Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

function pointed(axis: Float64Array): Float64Array {
  let largest = 0;
  for (const value of axis) if (Math.abs(value) > Math.abs(largest)) largest = value;
  return largest < 0 ? axis.map((value) => -value) : axis;
}
