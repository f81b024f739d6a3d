import { eachPlace, layoutOf, type Triple, windowOf } from "../places.ts";

/** Calls `visit` for every pair of places that a tap joins; stride 1, the size is kept. */
function eachTap(
  shape: readonly number[],
  size: number,
  visit: (xAt: number, yAt: number, tap: number) => void,
): void {
  const layout = layoutOf(shape);
  const window = windowOf(shape.length, size);
  for (let n = 0; n < layout.batch; n++)
    eachPlace(layout.size, (d, h, w) =>
      eachPlace(window, (kd, kh, kw, tap) => {
        const middle = (size - 1) / 2;
        const at: Triple = [
          d + kd - (window[0] === 1 ? 0 : middle),
          h + kh - middle,
          w + kw - middle,
        ];
        if (at.every((i, axis) => i >= 0 && i < (layout.size[axis] ?? 0)))
          visit(layout.at(n, ...at), layout.at(n, d, h, w), tap);
      }),
    );
}

/**
 * y[o, c] = bias[c] + sum over taps of x[place, c] * kernel[tap, c].
 *
 * @param shape - [batch, ..spatial, channels], of x and y
 * @param kernel - [size.., 1, channels]
 */
export function depthwiseReference(
  shape: readonly number[],
  size: number,
  x: Float64Array,
  weights: { readonly kernel: Float64Array; readonly bias: Float64Array },
): Float64Array {
  const channels = shape.at(-1) ?? 1;
  const y = x.map((_, i) => weights.bias[i % channels] ?? 0);
  eachTap(shape, size, (xAt, yAt, tap) => {
    for (let c = 0; c < channels; c++)
      y[yAt + c] =
        (y[yAt + c] ?? 0) + (x[xAt + c] ?? 0) * (weights.kernel[tap * channels + c] ?? 0);
  });
  return y;
}

/** Gradients of `depthwiseReference`, given dL/dy. */
export function depthwiseGradientReference(
  shape: readonly number[],
  size: number,
  arrays: { readonly x: Float64Array; readonly kernel: Float64Array; readonly dy: Float64Array },
): { dx: Float64Array; kernel: Float64Array; bias: Float64Array } {
  const channels = shape.at(-1) ?? 1;
  const { x, kernel, dy } = arrays;
  const dx = new Float64Array(x.length);
  const dKernel = new Float64Array(kernel.length);
  const bias = new Float64Array(channels);
  dy.forEach((g, i) => {
    bias[i % channels] = (bias[i % channels] ?? 0) + g;
  });
  eachTap(shape, size, (xAt, yAt, tap) => {
    for (let c = 0; c < channels; c++) {
      const g = dy[yAt + c] ?? 0;
      const k = tap * channels + c;
      dx[xAt + c] = (dx[xAt + c] ?? 0) + g * (kernel[k] ?? 0);
      dKernel[k] = (dKernel[k] ?? 0) + g * (x[xAt + c] ?? 0);
    }
  });
  return { dx, kernel: dKernel, bias };
}
