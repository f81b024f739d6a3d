import type { Features } from "./features.ts";
import { type PrincipalAxes, principalAxes } from "./principalAxes.ts";

/** Coordinates that bound distances from below at a fraction of their price. */
export interface DistanceBounds {
  /** [count, width] */
  readonly coordinates: Float32Array;
  readonly width: number;
  /** What rounding may add to a bound. */
  readonly rounding: number;
}

/** Fewer rows are compared sooner than axes are found. */
const FEWEST_ROWS = 1024;
/** Axes kept: with the remainder's length they fill a cache line. */
const AXES = 15;

/**
 * Leading principal coordinates of every row, and the length of what they leave out:
 *
 *     |a - b|^2 >= sum_k (p_k(a) - p_k(b))^2 + (r(a) - r(b))^2
 *
 * since the axes are orthonormal and the lengths of two remainders differ by at most the
 * length of their difference. Among fewer than 1024 rows every bound is 0.
 */
export function distanceBounds(features: Features): DistanceBounds {
  if (features.count < FEWEST_ROWS) {
    return { coordinates: new Float32Array(), width: 0, rounding: 0 };
  }
  const axes = principalAxes(features, AXES);
  const width = axes.count + 1;
  const coordinates = new Float32Array(features.count * width);
  let longest = 0;
  for (let row = 0; row < features.count; row++) {
    longest = Math.max(longest, placeRow(features, axes, row, coordinates));
  }
  return { coordinates, width, rounding: 1e-6 * longest };
}

/** Writes a row's coordinates; returns its distance to the mean. */
function placeRow(
  { length, values }: Features,
  { mean, axes, count }: PrincipalAxes,
  row: number,
  coordinates: Float32Array,
): number {
  const from = row * length;
  const to = row * (count + 1);
  let squares = 0;
  for (let k = 0; k < length; k++) {
    squares += ((values[from + k] as number) - (mean[k] as number)) ** 2;
  }
  let rest = squares;
  for (let axis = 0; axis < count; axis++) {
    let place = 0;
    for (let k = 0, at = axis * length; k < length; k++, at++) {
      place += ((values[from + k] as number) - (mean[k] as number)) * (axes[at] as number);
    }
    coordinates[to + axis] = place;
    rest -= place * place;
  }
  coordinates[to + count] = Math.sqrt(Math.max(0, rest));
  return Math.sqrt(squares);
}

/** The squared bound above which a distance is surely larger than `distance`. */
export function squaredLimit({ rounding }: DistanceBounds, distance: number): number {
  return (distance * (1 + 1e-6) + rounding) ** 2;
}

/** The squared bound between two rows; stops early once it is above `limit`. */
export function squaredBound(
  { coordinates, width }: DistanceBounds,
  first: number,
  second: number,
  limit: number,
): number {
  let sum = 0;
  let a = first * width;
  let b = second * width;
  const end = a + width;
  while (a < end && sum <= limit) {
    const stop = Math.min(end, a + 4);
    for (; a < stop; a++, b++) {
      const difference = (coordinates[a] as number) - (coordinates[b] as number);
      sum += difference * difference;
    }
  }
  return sum;
}
