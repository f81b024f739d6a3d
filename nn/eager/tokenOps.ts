import * as tf from "@tensorflow/tfjs-core";
import type { Indices } from "../engine.ts";
import type { TokenOps } from "../ops.ts";
import { requireIndex } from "../requireIndex.ts";

/** Queries that attend at once, so that scores of many tokens never lie there as a whole. */
const queriesAtOnce = 1024;

/**
 * The ops of tokens on TensorFlow.js tensors, folded to rank 3 or less like the others.
 *
 * @param indices - the step's lists of places, by name
 */
export function tokenOps(
  weight: (name: string) => tf.Tensor,
  indices: Indices | undefined,
): TokenOps<tf.Tensor> {
  return {
    depthwise: (x, name, size) =>
      depthwise(x, size, weight(`${name}.kernel`), weight(`${name}.bias`)),
    gelu: (x) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))))),
    layerNorm: (x, name, epsilon) =>
      layerNorm(x, weight(`${name}.scale`), weight(`${name}.shift`), epsilon),
    split: (x, channels) => {
      const rows = tf.reshape(x, [-1, x.shape.at(-1) as number]);
      return tf
        .split(rows, [...channels], 1)
        .map((part, i) => tf.reshape(part, [...x.shape.slice(0, -1), channels[i] as number]));
    },
    attention: (query, key, value, heads) => attention(query, key, value, heads),
    position: (x, name) => perSample(x, weight(`${name}.table`)),
    addTable: (x, values) => perSample(x, tf.tensor1d(values)),
    pick: (x, index, { places, token }) => {
      const count = (x.shape[0] as number) * places.reduce((all, n) => all * n, 1);
      const from = rowsOf(x).shape[1];
      const list = requireIndex(indices, index, { count, from });
      return pick(x, list, places, token === undefined ? null : weight(`${token}.vector`));
    },
  };
}

/** [batch, places, channels] */
function rowsOf(x: tf.Tensor): tf.Tensor3D {
  return tf.reshape(x, [x.shape[0] as number, -1, x.shape.at(-1) as number]);
}

/** Adds a table to every sample. */
function perSample(x: tf.Tensor, table: tf.Tensor): tf.Tensor {
  const rows = tf.reshape(x, [x.shape[0] as number, -1]);
  return tf.reshape(tf.add(rows, tf.reshape(table, [1, -1])), x.shape);
}

/** The sum over taps of the shifted input times the tap's weights. */
function depthwise(x: tf.Tensor, size: number, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const channels = x.shape.at(-1) as number;
  const axes = x.rank - 2;
  const taps = tf.split(tf.reshape(kernel, [-1, channels]), size ** axes, 0);
  const middle = (size - 1) / 2;
  let sum: tf.Tensor | null = null;
  for (const [tap, weights] of taps.entries()) {
    let shifted = x;
    for (let axis = 0; axis < axes; axis++) {
      const k = Math.floor(tap / size ** (axes - 1 - axis)) % size;
      shifted = shift(shifted, axis + 1, k - middle);
    }
    const part = tf.mul(tf.reshape(shifted, [-1, channels]), weights);
    sum = sum ? tf.add(sum, part) : part;
  }
  return tf.reshape(tf.add(sum as tf.Tensor, bias), x.shape);
}

/** y[i] = x[i + by] along an axis, zero outside. */
function shift(x: tf.Tensor, axis: number, by: number): tf.Tensor {
  if (by === 0) return x;
  const product = (sizes: readonly number[]) => sizes.reduce((all, n) => all * n, 1);
  const [before, count] = [product(x.shape.slice(0, axis)), x.shape[axis] as number];
  const after = product(x.shape.slice(axis + 1));
  const steps = Math.min(Math.abs(by), count);
  const zeros = tf.zeros([before, steps, after]);
  const rows = tf.reshape(x, [before, count, after]);
  if (steps === count) return tf.mul(x, 0);
  const kept = count - steps;
  const [low, high] = tf.split(rows, by > 0 ? [steps, kept] : [kept, steps], 1) as [
    tf.Tensor,
    tf.Tensor,
  ];
  return tf.reshape(tf.concat(by > 0 ? [high, zeros] : [zeros, low], 1), x.shape);
}

function layerNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: number): tf.Tensor {
  const rows = tf.reshape(x, [-1, x.shape.at(-1) as number]);
  const off = tf.sub(rows, tf.mean(rows, 1, true));
  const variance = tf.mean(tf.square(off), 1, true);
  const normal = tf.div(off, tf.sqrt(tf.add(variance, epsilon)));
  return tf.reshape(tf.add(tf.mul(normal, scale), shift), x.shape);
}

function attention(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, heads: number): tf.Tensor {
  const channels = query.shape.at(-1) as number;
  const sizes = Array.from({ length: heads }, () => channels / heads);
  const [queries, keys, values] = [query, key, value].map((x) =>
    heads === 1 ? [rowsOf(x)] : tf.split(rowsOf(x), sizes, 2),
  ) as [tf.Tensor3D[], tf.Tensor3D[], tf.Tensor3D[]];
  const each = queries.map((q, head) =>
    oneHead(q, keys[head] as tf.Tensor3D, values[head] as tf.Tensor3D),
  );
  return tf.reshape(heads === 1 ? (each[0] as tf.Tensor) : tf.concat(each, 2), query.shape);
}

function oneHead(query: tf.Tensor3D, key: tf.Tensor3D, value: tf.Tensor3D): tf.Tensor3D {
  const [, count, size] = query.shape;
  const chunks = Array.from({ length: Math.ceil(count / queriesAtOnce) }, (_, i) =>
    Math.min(queriesAtOnce, count - i * queriesAtOnce),
  );
  const parts = chunks.length === 1 ? [query] : tf.split(query, chunks, 1);
  const results = parts.map((part) => {
    const scores = tf.mul(tf.matMul(part, key, false, true), 1 / Math.sqrt(size));
    return tf.matMul(shares(scores as tf.Tensor3D), value) as tf.Tensor3D;
  });
  return results.length === 1 ? (results[0] as tf.Tensor3D) : tf.concat3d(results, 1);
}

/** Softmax along the last axis. The top takes no part in the gradient: it cancels. */
const shares = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
  const [scores, save] = inputs as [tf.Tensor3D, tf.GradSaveFunc];
  const powers = tf.exp(tf.sub(scores, tf.max(scores, 2, true)));
  const value = tf.div(powers, tf.sum(powers, 2, true));
  save([value]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [share] = saved as [tf.Tensor];
      const product = tf.mul(dy, share);
      return tf.sub(product, tf.mul(share, tf.sum(product, 2, true)));
    },
  };
});

/** As products with matrices of zeros and ones: right on every backend. */
function pick(
  x: tf.Tensor,
  index: Int32Array,
  places: readonly number[],
  token: tf.Tensor | null,
): tf.Tensor {
  const rows = rowsOf(x);
  const [batch, from, channels] = rows.shape;
  const to = index.length / batch;
  const matrix = new Float32Array(index.length * from);
  const empty = new Float32Array(index.length);
  index.forEach((place, i) => {
    if (place < 0) empty[i] = 1;
    else matrix[i * from + place] = 1;
  });
  let y: tf.Tensor = tf.matMul(tf.tensor3d(matrix, [batch, to, from]), rows);
  if (token) {
    const tokens = tf.matMul(
      tf.tensor2d(empty, [batch * to, 1]),
      tf.reshape(token, [1, channels]) as tf.Tensor2D,
    );
    y = tf.add(y, tf.reshape(tokens, [batch, to, channels]));
  }
  return tf.reshape(y, [batch, ...places, channels]);
}
