/** Reference numbers are PyTorch's: channels first. Networks here are channels last. */

/** [n, c, ..spatial] to [n, ..spatial, c]. */
export function channelsLast<A extends Float32Array | Uint8Array>(
  values: A,
  shape: readonly number[],
): A {
  return permuted(values, shape, [0, ...shape.slice(2).map((_, axis) => axis + 2), 1]);
}

/** A kernel [out, in, ..size] (or [in, out, ..size] of a transposed convolution) to [..size, in, out]. */
export function kernelLast(
  values: Float32Array,
  shape: readonly number[],
  isTransposed: boolean,
): Float32Array {
  const taps = shape.slice(2).map((_, axis) => axis + 2);
  return permuted(values, shape, isTransposed ? [...taps, 0, 1] : [...taps, 1, 0]);
}

/** A row-major array with its axes in another order. */
export function permuted<A extends Float32Array | Uint8Array>(
  values: A,
  shape: readonly number[],
  order: readonly number[],
): A {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((all, n) => all * n, 1));
  const result = values.slice() as A;
  const sizes = order.map((axis) => shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 0);
  const place = sizes.map(() => 0);
  for (let index = 0; index < result.length; index++) {
    result[index] = values[place.reduce((at, n, axis) => at + n * (steps[axis] ?? 0), 0)] ?? 0;
    for (let axis = place.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] ?? 0) + 1;
      if ((place[axis] ?? 0) < (sizes[axis] ?? 1)) break;
      place[axis] = 0;
    }
  }
  return result;
}
