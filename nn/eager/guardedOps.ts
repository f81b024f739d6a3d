import * as tf from "@tensorflow/tfjs-core";
import { PlannerError } from "#core/errors.ts";
import type { Indices } from "../engine.ts";
import type { ConvOptions, Ops } from "../ops.ts";
import { type BatchNorms, convNetOps, convolveSpread } from "./convNetOps.ts";
import { linearMatrix } from "./linearMatrix.ts";
import { convolvePatches } from "./patches.ts";
import { resampleOps } from "./resampleOps.ts";
import { tokenOps } from "./tokenOps.ts";

/** What a step brings beside the weights. */
export interface StepOptions {
  readonly indices?: Indices | undefined;
  readonly batchNorms?: BatchNorms;
}

/**
 * The op vocabulary on TensorFlow.js tensors, with gradients that are right in 2D and 3D on
 * every backend.
 *
 * TensorFlow.js 4.22 goes wrong silently in places: on WebGPU `pad`, the gradient of
 * `slice`, and adding a vector to a tensor of rank 5 give zeros or do not compile; the
 * gradient of `resizeBilinear` ignores half-pixel centres everywhere; rank 5 `tile`,
 * `where` and `leakyRelu` have no gradient; dilated convolutions have none either; on
 * WebAssembly both max poolings are wrong. So everything but convolution folds its input to
 * rank 3 or less, where all is well, and this folder is the only place that may call those
 * ops. `guard.test.ts` watches over it.
 *
 * @param weights - by name, each in the shape the vocabulary says
 * @param step - the step's lists of places by name, and whether batch norms train or predict
 */
export function guardedOps(
  weights: ReadonlyMap<string, tf.Tensor>,
  { indices, batchNorms = { predicts: false } }: StepOptions = {},
): Ops<tf.Tensor> {
  const weight = (name: string): tf.Tensor => {
    const found = weights.get(name);
    if (found) return found;
    throw new PlannerError("argument", `weight ${name} must be given, got none of this name`);
  };
  const withBias = (x: tf.Tensor, name: string) =>
    byChannel(x, (rows) => tf.add(rows, weight(`${name}.bias`)));

  return {
    ...tokenOps(weight, indices),
    ...convNetOps(weight, batchNorms),
    conv: (x, name, options) => {
      const convolved = convolve(x, weight(`${name}.kernel`), options);
      return options.bias === false ? convolved : withBias(convolved, name);
    },
    convTransposed: (x, name, options) => {
      const { size, stride = size, bias = true } = options;
      const kernel = weight(`${name}.kernel`);
      const grown =
        stride === size ? convolveTransposed(x, kernel, size) : convolveSpread(x, kernel, options);
      return bias ? withBias(grown, name) : grown;
    },
    relu: (x) => tf.relu(x),
    leakyRelu: (x, slope) => tf.add(tf.mul(x, slope), tf.mul(tf.relu(x), 1 - slope)),
    ...resampleOps,
    maxPool: (x) => pooled(x),
    upsample: (x, like) => upsampled(x, like.shape.slice(1, -1)),
    concat: (...parts) => tf.concat([...parts], -1),
  };
}

/** Applies `f` to x as [places, channels]. */
function byChannel(x: tf.Tensor, f: (rows: tf.Tensor) => tf.Tensor): tf.Tensor {
  return tf.reshape(f(tf.reshape(x, [-1, x.shape.at(-1) as number])), x.shape);
}

function convolve(x: tf.Tensor, kernel: tf.Tensor, options: ConvOptions): tf.Tensor {
  const { size, stride = 1, dilation = 1 } = options;
  if (size % 2 === 0) return convolvePatches(x, kernel, size);
  let spread = kernel;
  for (let axis = 0; dilation > 1 && axis < kernel.rank - 2; axis++) {
    spread = spreadOut(spread, axis, dilation);
  }
  let y: tf.Tensor =
    x.rank === 4
      ? tf.conv2d<tf.Tensor4D>(x as tf.Tensor4D, spread as tf.Tensor4D, 1, "same")
      : tf.conv3d<tf.Tensor5D>(x as tf.Tensor5D, spread as tf.Tensor5D, 1, "same");
  for (let axis = 1; stride > 1 && axis < x.rank - 1; axis++) y = everyNth(y, axis, stride);
  return y;
}

/** A kernel with `dilation - 1` zeros between its taps along one axis. */
function spreadOut(kernel: tf.Tensor, axis: number, dilation: number): tf.Tensor {
  const [before, count, after] = foldedAt(kernel.shape, axis);
  const taps = tf.reshape(kernel, [before, count, after]);
  const gaps = tf.zeros([before, count, (dilation - 1) * after]);
  const spread = tf.reshape(tf.concat([taps, gaps], 2), [before, count * dilation, after]);
  const kept = count * dilation - (dilation - 1);
  const shape = kernel.shape.with(axis, kept);
  return tf.reshape(tf.slice(spread, [0, 0, 0], [before, kept, after]), shape);
}

/** Places 0, n, 2n, .. along one axis. */
function everyNth(x: tf.Tensor, axis: number, n: number): tf.Tensor {
  const [before, count, after] = foldedAt(x.shape, axis);
  const kept = Math.ceil(count / n);
  const filler = kept * n - count;
  const rows = tf.reshape(x, [before, count, after]);
  const whole = filler === 0 ? rows : tf.concat([rows, tf.zeros([before, filler, after])], 1);
  const groups = tf.reshape(whole, [before, kept, n * after]);
  return tf.reshape(tf.slice(groups, [0, 0, 0], [before, kept, after]), x.shape.with(axis, kept));
}

/**
 * Kernel = stride: every place makes a block of its own, so it is one matrix product and a
 * reordering of places.
 */
function convolveTransposed(x: tf.Tensor, kernel: tf.Tensor, size: number): tf.Tensor {
  const spatial = x.shape.slice(1, -1);
  const [inChannels, out] = kernel.shape.slice(-2) as [number, number];
  const taps = size ** spatial.length;
  // [taps, in, out] -> [in, taps * out]
  const matrix = tf.reshape(tf.transpose(tf.reshape(kernel, [taps, inChannels, out]), [1, 0, 2]), [
    inChannels,
    taps * out,
  ]);
  const blocks = tf.matMul(tf.reshape(x, [-1, inChannels]) as tf.Tensor2D, matrix as tf.Tensor2D);
  let y: tf.Tensor = blocks;
  // Joins one axis at a time, the last first: [.., n, blocks, size * rest] becomes
  // [.., blocks, n * size * rest], where `blocks` are the taps of the axes before.
  let rest = out;
  for (let axis = spatial.length - 1; axis >= 0; axis--) {
    const blocksBefore = size ** axis;
    const count = spatial[axis] as number;
    if (blocksBefore > 1) {
      y = tf.transpose(tf.reshape(y, [-1, count, blocksBefore, size * rest]), [0, 2, 1, 3]);
    }
    rest *= count * size;
    y = tf.reshape(y, [-1, blocksBefore * rest]);
  }
  return tf.reshape(y, [x.shape[0] as number, ...spatial.map((n) => n * size), out]);
}

/**
 * Window 2, axis by axis from the last, so that of equal values the first in row-major order
 * gets the gradient, as in PyTorch. No pooling kernel: on WebAssembly that of 3D takes a
 * window of negative values for 0, and the gradient of 2D is wrong.
 */
function pooled(x: tf.Tensor): tf.Tensor {
  let y = x;
  for (let axis = x.rank - 2; axis >= 1; axis--) {
    const [before, count, after] = foldedAt(y.shape, axis);
    const half = Math.floor(count / 2);
    const rows = tf.reshape(y, [before, count, after]);
    const even = count % 2 === 0 ? rows : tf.slice(rows, [0, 0, 0], [before, 2 * half, after]);
    const pairs = tf.reshape(even, [before, half, 2 * after]);
    const [first, second] = tf.split(pairs, 2, 2) as [tf.Tensor, tf.Tensor];
    y = tf.reshape(tf.maximum(first, second), y.shape.with(axis, half));
  }
  return y;
}

/**
 * Linear interpolation axis by axis, each one product of two matrices: the backends are
 * several times slower at many small products.
 */
function upsampled(x: tf.Tensor, sizes: readonly number[]): tf.Tensor {
  let y = x;
  for (const [index, size] of sizes.entries()) {
    const [before, count, after] = foldedAt(y.shape, index + 1);
    if (count === size) continue;
    const last = tf.transpose(tf.reshape(y, [before, count, after]), [0, 2, 1]);
    const matrix = tf.tensor2d(linearMatrix(count, size), [size, count]);
    const rows = tf.reshape(last, [before * after, count]) as tf.Tensor2D;
    const grown = tf.reshape(tf.matMul(rows, matrix, false, true), [before, after, size]);
    y = tf.reshape(tf.transpose(grown, [0, 2, 1]), y.shape.with(index + 1, size));
  }
  return y;
}

/** [places before, along, after] an axis. */
function foldedAt(shape: readonly number[], axis: number): [number, number, number] {
  const product = (sizes: readonly number[]) => sizes.reduce((all, n) => all * n, 1);
  return [product(shape.slice(0, axis)), shape[axis] as number, product(shape.slice(axis + 1))];
}
