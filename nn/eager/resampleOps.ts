import * as tf from "@tensorflow/tfjs-core";
import { pooledPlaces } from "../describeNetwork.ts";
import { type Resampling, tapsOf } from "../kernels/resample/resample.reference.ts";
import type { Ops } from "../ops.ts";

/** Ops that mix places axis by axis, each one product of two matrices. */
export const resampleOps: Pick<Ops<tf.Tensor>, "resize" | "averagePool" | "spectralPool"> = {
  resize: (x, like, how) => resampled(x, like.shape.slice(1, -1), how),
  averagePool: (x, size) => resampled(x, pooledPlaces(x.shape.slice(1, -1), size), "average"),
  spectralPool: (x, divisor, { scaled = false } = {}) =>
    resampled(x, pooledPlaces(x.shape.slice(1, -1), divisor), scaled ? "spectralSum" : "spectral"),
};

function resampled(x: tf.Tensor, places: readonly number[], how: Resampling): tf.Tensor {
  let y = x;
  for (const [index, to] of places.entries()) {
    const shape = y.shape;
    const from = shape[index + 1] as number;
    const before = shape.slice(0, index + 1).reduce((a, b) => a * b, 1);
    const after = y.size / before / from;
    const matrix = new Float32Array(to * from);
    for (const [i, row] of tapsOf(how, from, to).entries())
      for (const [place, share] of row)
        matrix[i * from + place] = (matrix[i * from + place] ?? 0) + share;
    const last = tf.transpose(tf.reshape(y, [before, from, after]), [0, 2, 1]);
    const rows = tf.reshape(last, [before * after, from]) as tf.Tensor2D;
    const mixed = tf.matMul(rows, tf.tensor2d(matrix, [to, from]), false, true);
    const back = tf.transpose(tf.reshape(mixed, [before, after, to]), [0, 2, 1]);
    y = tf.reshape(back, shape.with(index + 1, to));
  }
  return y;
}
