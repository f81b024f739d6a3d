import { eachPlace, layoutOf, windowOf } from "../places.ts";

/**
 * Largest of each window of 2 along every spatial axis; an odd last place is dropped.
 *
 * @param shape - of x
 * @returns y, and for each of its elements the index into x that it came from: the first of
 *   the largest, row-major
 */
export function maxPoolReference(
  shape: readonly number[],
  yShape: readonly number[],
  x: Float64Array,
): { y: Float64Array; from: Int32Array } {
  const from = layoutOf(shape);
  const to = layoutOf(yShape);
  const window = windowOf(shape.length, 2);
  const count = yShape.reduce((a, b) => a * b, 1);
  const y = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const source = new Int32Array(count);
  for (let n = 0; n < to.batch; n++)
    eachPlace(to.size, (d, h, w) =>
      eachPlace(window, (kd, kh, kw) => {
        for (let c = 0; c < to.channels; c++) {
          const at = from.at(n, d * window[0] + kd, h * window[1] + kh, w * window[2] + kw) + c;
          const out = to.at(n, d, h, w) + c;
          if ((x[at] ?? 0) > (y[out] ?? 0)) {
            y[out] = x[at] ?? 0;
            source[out] = at;
          }
        }
      }),
    );
  return { y, from: source };
}

/** dL/dx of `maxPoolReference`, given dL/dy. */
export function maxPoolGradientReference(
  shape: readonly number[],
  yShape: readonly number[],
  x: Float64Array,
  dy: Float64Array,
): Float64Array {
  const dx = new Float64Array(x.length);
  maxPoolReference(shape, yShape, x).from.forEach((at, i) => {
    dx[at] = (dx[at] ?? 0) + (dy[i] ?? 0);
  });
  return dx;
}
