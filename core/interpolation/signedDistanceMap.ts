import { squaredDistanceToSeeds } from "../volume/distanceTransform.ts";

/**
 * Distance from every pixel of a mask to the nearest pixel of the other kind, positive
 * inside and negative outside.
 *
 *     phi = EDT(mask) - EDT(not mask)
 *
 * Never 0 where both kinds occur. A full mask is all +Infinity, an empty one all -Infinity.
 *
 * @param inside - [height, width], row-major, non-zero inside
 * @param spacing - [height, width], mm
 * @returns [height, width], mm
 */
export function signedDistanceMap(
  inside: ArrayLike<number>,
  [height, width]: readonly [height: number, width: number],
  [dy, dx]: readonly [height: number, width: number],
): Float64Array {
  const shape = [1, height, width] as const;
  const spacing = [1, dy, dx] as const;
  const toOutside = squaredDistanceToSeeds((index) => inside[index] === 0, shape, spacing);
  const toInside = squaredDistanceToSeeds((index) => inside[index] !== 0, shape, spacing);
  return toOutside.map(
    (squared, index) => Math.sqrt(squared) - Math.sqrt(toInside[index] as number),
  );
}
