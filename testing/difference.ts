/** Largest absolute difference of two arrays over the largest absolute expected value. */
export function relativeDifference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let scale = 1e-12;
  for (let index = 0; index < expected.length; index++) {
    const one = Math.abs((got[index] ?? Number.NaN) - (expected[index] ?? 0));
    // Also true for NaN, which must not pass.
    if (!(one <= difference)) difference = one;
    scale = Math.max(scale, Math.abs(expected[index] ?? 0));
  }
  return difference / scale;
}
