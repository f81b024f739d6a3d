import { PlannerError } from "../errors.ts";

/** Values of a difference of two masks. */
export const DIFFERENCE = { both: 1, onlyFirst: 2, onlySecond: 3 } as const;

/**
 * Where two masks of one grid agree and differ: 0 background in both, 1 the same label in both,
 * 2 only the first has a label (or another one), 3 only the second has one.
 *
 * @throws PlannerError "argument" when their sizes differ
 */
export function maskDifference(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length !== second.length) {
    throw new PlannerError(
      "argument",
      `masks to compare must have equally many voxels, got ${first.length} and ${second.length}`,
    );
  }
  return first.map((one, index) => {
    const other = second[index] as number;
    if (one === other) return one === 0 ? 0 : DIFFERENCE.both;
    return one === 0 ? DIFFERENCE.onlySecond : DIFFERENCE.onlyFirst;
  });
}
