/**
 * Exact Euclidean distance from every pixel of a mask to the nearest pixel of the other
 * kind, signed: positive inside, negative outside, mm.
 *
 *     phi = EDT(mask) - EDT(not mask)
 *
 * Never 0 where both kinds occur. Where one kind is missing altogether, the distance to it
 * is infinite: all +Infinity for a full mask, all -Infinity for an empty one.
 *
 * @param inside - [height, width], row-major, non-zero inside
 * @param spacing - [height, width], mm
 * @returns [height, width], mm
 *
 * Source: Felzenszwalb and Huttenlocher 2012, doi:10.4086/toc.2012.v008a019.
 */
export function signedDistanceMap(
  inside: ArrayLike<number>,
  shape: readonly [height: number, width: number],
  spacing: readonly [height: number, width: number],
): Float64Array {
  const toOutside = squaredDistanceTo(inside, shape, spacing, (value) => value === 0);
  const toInside = squaredDistanceTo(inside, shape, spacing, (value) => value !== 0);
  return toOutside.map(
    (squared, index) => Math.sqrt(squared) - Math.sqrt(toInside[index] as number),
  );
}

/** Squared distance (mm2) to the nearest pixel that `isSeed`; Infinity where there is none. */
function squaredDistanceTo(
  values: ArrayLike<number>,
  [height, width]: readonly [number, number],
  [dy, dx]: readonly [number, number],
  isSeed: (value: number) => boolean,
): Float64Array {
  const squared = Float64Array.from({ length: height * width }, (_, index) =>
    isSeed(values[index] as number) ? 0 : Number.POSITIVE_INFINITY,
  );
  for (let row = 0; row < height; row++) lowerEnvelope(squared, row * width, 1, width, dx);
  for (let column = 0; column < width; column++) lowerEnvelope(squared, column, width, height, dy);
  return squared;
}

/**
 * One line of the transform, in place: the lower envelope of the parabolas
 * f(q) + (step (x - q))^2 that stand on the line's pixels.
 */
function lowerEnvelope(
  values: Float64Array,
  start: number,
  stride: number,
  count: number,
  step: number,
): void {
  const heights = Float64Array.from(
    { length: count },
    (_, q) => values[start + q * stride] as number,
  );
  const apex = new Int32Array(count);
  const from = new Float64Array(count + 1);
  let last = -1;
  for (let q = 0; q < count; q++) {
    if (heights[q] === Number.POSITIVE_INFINITY) continue;
    let cross = Number.NEGATIVE_INFINITY;
    while (last >= 0) {
      const p = apex[last] as number;
      const rise = ((heights[q] as number) - (heights[p] as number)) / (step * step);
      cross = (rise + q * q - p * p) / (2 * (q - p));
      if (cross > (from[last] as number)) break;
      last--;
      cross = Number.NEGATIVE_INFINITY;
    }
    last++;
    apex[last] = q;
    from[last] = cross;
  }
  if (last < 0) return;
  for (let x = 0, k = 0; x < count; x++) {
    while (k < last && (from[k + 1] as number) < x) k++;
    const p = apex[k] as number;
    values[start + x * stride] = (heights[p] as number) + (step * (x - p)) ** 2;
  }
}
