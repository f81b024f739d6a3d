import { eachPlace, layoutOf, windowOf } from "../places.ts";

/** Shapes of one transposed convolution. */
export interface ConvTransposedShape {
  /** [batch, ..spatial, channels] */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly size: number;
  readonly stride: number;
}

/** Places of y cut off before the first that place 0 of x reaches. */
export const cutBefore = (size: number, stride: number): number => Math.ceil((size - stride) / 2);

function eachTap(
  shape: ConvTransposedShape,
  visit: (xAt: number, yAt: number, tap: number) => void,
): void {
  const x = layoutOf(shape.x);
  const y = layoutOf(shape.y);
  const window = windowOf(shape.x.length, shape.size);
  const stride = windowOf(shape.x.length, shape.stride);
  const before = window.map((size, axis) => cutBefore(size, stride[axis] ?? 1));
  const reached = (o: number, k: number, axis: 0 | 1 | 2) =>
    o * stride[axis] + k - (before[axis] ?? 0);
  const inside = (i: number, axis: 0 | 1 | 2) => i >= 0 && i < y.size[axis];
  for (let n = 0; n < x.batch; n++)
    eachPlace(x.size, (d, h, w) =>
      eachPlace(window, (kd, kh, kw, tap) => {
        const at = [reached(d, kd, 0), reached(h, kh, 1), reached(w, kw, 2)] as const;
        if (inside(at[0], 0) && inside(at[1], 1) && inside(at[2], 2))
          visit(x.at(n, d, h, w), y.at(n, ...at), tap);
      }),
    );
}

/**
 * y[o * stride + tap - cut, co] += x[o, ci] * kernel[tap, ci, co] over all o, taps and ci, from
 * bias[co] on.
 *
 * @param kernel - [size.., in, out]
 */
export function convTransposedReference(
  shape: ConvTransposedShape,
  x: Float64Array,
  kernel: Float64Array,
  bias: Float64Array,
): Float64Array {
  const cin = shape.x.at(-1) ?? 1;
  const cout = shape.y.at(-1) ?? 1;
  const y = new Float64Array(shape.y.reduce((a, b) => a * b, 1));
  for (let i = 0; i < y.length; i++) y[i] = bias[i % cout] ?? 0;
  eachTap(shape, (xAt, yAt, tap) => {
    for (let co = 0; co < cout; co++) {
      let sum = y[yAt + co] ?? 0;
      for (let ci = 0; ci < cin; ci++)
        sum += (x[xAt + ci] ?? 0) * (kernel[(tap * cin + ci) * cout + co] ?? 0);
      y[yAt + co] = sum;
    }
  });
  return y;
}

/** dL/dx, dL/dkernel and dL/dbias of `convTransposedReference`, given dL/dy. */
export function convTransposedGradientReference(
  shape: ConvTransposedShape,
  x: Float64Array,
  kernel: Float64Array,
  dy: Float64Array,
): { dx: Float64Array; kernel: Float64Array; bias: Float64Array } {
  const cin = shape.x.at(-1) ?? 1;
  const cout = shape.y.at(-1) ?? 1;
  const dx = new Float64Array(x.length);
  const dKernel = new Float64Array(kernel.length);
  const bias = new Float64Array(cout);
  for (let i = 0; i < dy.length; i++) bias[i % cout] = (bias[i % cout] ?? 0) + (dy[i] ?? 0);
  eachTap(shape, (xAt, yAt, tap) => {
    for (let ci = 0; ci < cin; ci++)
      for (let co = 0; co < cout; co++) {
        const at = (tap * cin + ci) * cout + co;
        const gradient = dy[yAt + co] ?? 0;
        dx[xAt + ci] = (dx[xAt + ci] ?? 0) + gradient * (kernel[at] ?? 0);
        dKernel[at] = (dKernel[at] ?? 0) + gradient * (x[xAt + ci] ?? 0);
      }
  });
  return { dx, kernel: dKernel, bias };
}
