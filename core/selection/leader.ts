import type { Quota } from "./quota.ts";

/**
 * The row with the largest value above `floor` that a quota lets be picked, the smallest such
 * row on ties; -1 when there is none.
 */
export function leader(values: ArrayLike<number>, floor: number, quota?: Quota): number {
  let best = -1;
  let bestValue = floor;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (value <= bestValue || (quota && !quota.allows(row))) continue;
    best = row;
    bestValue = value;
  }
  return best;
}
