import { signedDistanceMap } from "./signedDistanceMap.ts";

/** A mask of one slice with what blending needs, computed once per annotated slice. */
export interface SliceShape {
  /** [height * width] */
  readonly classes: Uint8Array;
  /** Signed distance (mm) of each class present, [height * width]. */
  readonly distances: ReadonlyMap<number, Float64Array>;
}

/** Signed distances of every foreground class of a slice. */
export function sliceShape(
  classes: Uint8Array,
  shape: readonly [number, number],
  spacing: readonly [number, number],
): SliceShape {
  const present = new Set(classes);
  const distances = new Map<number, Float64Array>();
  for (const one of [...present].sort((a, b) => a - b)) {
    if (one === 0) continue;
    const inside = classes.map((value) => (value === one ? 1 : 0));
    distances.set(one, signedDistanceMap(inside, shape, spacing));
  }
  return { classes, distances };
}

/**
 * The mask between two annotated slices by blended signed distances.
 *
 *     phi_c = (1 - t) phi_c(left) + t phi_c(right),  class = argmax_c phi_c where that is > 0
 *
 * Smallest class on ties. Where a class stands on one side only, the missing side is
 * minus the distance to the centroid of the side that has it, so that it shrinks to a point.
 *
 * @param t - 0 at the left slice, 1 at the right one
 *
 * Source: Raya and Udupa 1990, doi:10.1109/42.52980; Herman, Zheng and Bucholtz 1992,
 * doi:10.1109/38.135915; the rule for a missing side is ours.
 */
export function blendShapes(
  left: SliceShape,
  right: SliceShape,
  t: number,
  shape: readonly [number, number],
  spacing: readonly [number, number],
): Uint8Array {
  const blended = new Uint8Array(left.classes.length);
  const best = new Float64Array(left.classes.length);
  const present = [...new Set([...left.distances.keys(), ...right.distances.keys()])];
  for (const one of present.sort((a, b) => a - b)) {
    const near = left.distances.get(one) ?? fromCentroid(right.classes, one, shape, spacing);
    const far = right.distances.get(one) ?? fromCentroid(left.classes, one, shape, spacing);
    for (let index = 0; index < blended.length; index++) {
      const value = (1 - t) * (near[index] as number) + t * (far[index] as number);
      if (value > (best[index] as number)) {
        best[index] = value;
        blended[index] = one;
      }
    }
  }
  return blended;
}

/** Minus the distance (mm) of every pixel to the centroid of a class. */
function fromCentroid(
  classes: Uint8Array,
  one: number,
  [height, width]: readonly [number, number],
  [dy, dx]: readonly [number, number],
): Float64Array {
  let count = 0;
  let sumY = 0;
  let sumX = 0;
  for (let index = 0; index < classes.length; index++) {
    if (classes[index] !== one) continue;
    count++;
    sumY += Math.floor(index / width);
    sumX += index % width;
  }
  const y = sumY / count;
  const x = sumX / count;
  return Float64Array.from(
    { length: height * width },
    (_, index) => -Math.hypot(dy * (Math.floor(index / width) - y), dx * ((index % width) - x)),
  );
}
