import { zerosBefore } from "../../convWindow.ts";
import { eachPlace, layoutOf, type Triple, windowOf } from "../places.ts";

/** Shapes and window of one convolution. */
export interface ConvShape {
  /** [batch, ..spatial, channels] */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

/**
 * Calls `visit` for every pair of input and output place that a tap of the window joins.
 * Output place o reads input place `o * stride + tap * dilation - zerosBefore`.
 */
function eachTap(shape: ConvShape, visit: (xAt: number, yAt: number, tap: number) => void): void {
  const x = layoutOf(shape.x);
  const y = layoutOf(shape.y);
  const window = windowOf(shape.x.length, shape.size);
  const axisOf = (axis: 0 | 1 | 2) => (o: number, tap: number) =>
    o * (window[axis] === 1 && axis === 0 && shape.x.length === 4 ? 1 : shape.stride) +
    tap * shape.dilation -
    (window[axis] === 1 ? 0 : zerosBefore(shape.size, shape.dilation));
  const [dOf, hOf, wOf] = [axisOf(0), axisOf(1), axisOf(2)];
  const inside = (i: number, n: number) => i >= 0 && i < n;
  for (let n = 0; n < y.batch; n++)
    eachPlace(y.size, (d, h, w) =>
      eachPlace(window, (kd, kh, kw, tap) => {
        const at: Triple = [dOf(d, kd), hOf(h, kh), wOf(w, kw)];
        if (at.every((i, axis) => inside(i, x.size[axis] ?? 0)))
          visit(x.at(n, ...at), y.at(n, d, h, w), tap);
      }),
    );
}

/**
 * y[o, co] = bias[co] + sum over taps and ci of x[place, ci] * kernel[tap, ci, co].
 *
 * @param kernel - [size.., in, out]
 */
export function convReference(
  shape: ConvShape,
  x: Float64Array,
  kernel: Float64Array,
  bias: Float64Array | null,
): Float64Array {
  const cin = shape.x.at(-1) ?? 1;
  const cout = shape.y.at(-1) ?? 1;
  const y = new Float64Array(shape.y.reduce((a, b) => a * b, 1));
  for (let i = 0; bias && i < y.length; i++) y[i] = bias[i % cout] ?? 0;
  eachTap(shape, (xAt, yAt, tap) => {
    for (let ci = 0; ci < cin; ci++) {
      const value = x[xAt + ci] ?? 0;
      const row = (tap * cin + ci) * cout;
      for (let co = 0; co < cout; co++)
        y[yAt + co] = (y[yAt + co] ?? 0) + value * (kernel[row + co] ?? 0);
    }
  });
  return y;
}

/** dL/dx of `convReference`, given dL/dy. */
export function convInputGradientReference(
  shape: ConvShape,
  dy: Float64Array,
  kernel: Float64Array,
): Float64Array {
  const cin = shape.x.at(-1) ?? 1;
  const cout = shape.y.at(-1) ?? 1;
  const dx = new Float64Array(shape.x.reduce((a, b) => a * b, 1));
  eachTap(shape, (xAt, yAt, tap) => {
    for (let ci = 0; ci < cin; ci++) {
      let sum = 0;
      const row = (tap * cin + ci) * cout;
      for (let co = 0; co < cout; co++) sum += (dy[yAt + co] ?? 0) * (kernel[row + co] ?? 0);
      dx[xAt + ci] = (dx[xAt + ci] ?? 0) + sum;
    }
  });
  return dx;
}

/** dL/dkernel and dL/dbias of `convReference`, given dL/dy. */
export function convWeightGradientReference(
  shape: ConvShape,
  x: Float64Array,
  dy: Float64Array,
): { kernel: Float64Array; bias: Float64Array } {
  const cin = shape.x.at(-1) ?? 1;
  const cout = shape.y.at(-1) ?? 1;
  const taps = windowOf(shape.x.length, shape.size).reduce((a, b) => a * b, 1);
  const kernel = new Float64Array(taps * cin * cout);
  const bias = new Float64Array(cout);
  for (let i = 0; i < dy.length; i++) bias[i % cout] = (bias[i % cout] ?? 0) + (dy[i] ?? 0);
  eachTap(shape, (xAt, yAt, tap) => {
    for (let ci = 0; ci < cin; ci++) {
      const value = x[xAt + ci] ?? 0;
      const row = (tap * cin + ci) * cout;
      for (let co = 0; co < cout; co++)
        kernel[row + co] = (kernel[row + co] ?? 0) + value * (dy[yAt + co] ?? 0);
    }
  });
  return { kernel, bias };
}
