import * as tf from "@tensorflow/tfjs-core";

/**
 * Convolution whose stride is its size: every patch is a row of one matrix product. Places
 * after the last whole patch take no part.
 *
 * @param x - [batch, ..spatial, in]
 * @param kernel - [size.., in, out]
 */
export function convolvePatches(x: tf.Tensor, kernel: tf.Tensor, size: number): tf.Tensor {
  const counts = x.shape.slice(1, -1).map((n) => Math.floor(n / size));
  const whole = counts.reduce((y, count, axis) => cropped(y, axis + 1, count * size), x);
  const out = kernel.shape.at(-1) as number;
  const last = counts.at(-1) as number;
  let chunk = size * (x.shape.at(-1) as number);
  let places = last;
  let y = whole;
  // Brings the rows of a patch together, one axis at a time, the last is so already.
  for (const count of counts.slice(0, -1).reverse()) {
    const rows = tf.reshape(y, [-1, size, places, chunk]);
    y = tf.transpose(rows, [0, 2, 1, 3]);
    chunk *= size;
    places *= count;
  }
  const patches = tf.reshape(y, [-1, chunk]) as tf.Tensor2D;
  const matrix = tf.reshape(kernel, [chunk, out]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(patches, matrix), [x.shape[0] as number, ...counts, out]);
}

function cropped(x: tf.Tensor, axis: number, count: number): tf.Tensor {
  const all = x.shape[axis] as number;
  if (all === count) return x;
  const before = x.shape.slice(0, axis).reduce((product, n) => product * n, 1);
  const [kept] = tf.split(tf.reshape(x, [before, all, -1]), [count, all - count], 1);
  return tf.reshape(kept as tf.Tensor, x.shape.with(axis, count));
}
