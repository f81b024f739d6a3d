import * as tf from "@tensorflow/tfjs-core";
import type { ConvTransposedOptions, NormKind, NormOptions, Ops } from "../ops.ts";
import { normRows, normUnit } from "./instanceNorm.ts";

/** What batch norms do: measure the batch, or predict by what was measured. */
export interface BatchNorms {
  readonly predicts: boolean;
  /** Told the mean and unbiased variance of each training batch; both [channels]. */
  onBatch?(name: string, mean: tf.Tensor, variance: tf.Tensor): void;
}

type WeightOf = (name: string) => tf.Tensor;

/** Norms and element-wise ops of convolutional networks; see `guardedOps`. */
export function convNetOps(
  weight: WeightOf,
  batchNorms: BatchNorms,
): Pick<Ops<tf.Tensor>, "norm" | "prelu" | "sigmoid" | "add" | "multiply"> {
  return {
    norm: (x, name, kind, options = {}) => {
      const unit = normalised(x, name, kind, { options, weight, batchNorms });
      if (unit.isDone) return unit.y;
      const rows = tf.reshape(unit.y, [-1, x.shape.at(-1) as number]);
      if (options.affine === false) return unit.y;
      const scaled = tf.add(tf.mul(rows, weight(`${name}.scale`)), weight(`${name}.shift`));
      return tf.reshape(scaled, x.shape);
    },
    prelu: (x, name) =>
      flat(x, (values) =>
        tf.sub(tf.relu(values), tf.mul(weight(`${name}.slope`), tf.relu(tf.neg(values)))),
      ),
    sigmoid: (x) => flat(x, (values) => tf.sigmoid(values)),
    add: (a, b) => flat(a, (values) => tf.add(values, tf.reshape(b, [-1]))),
    multiply: (x, gate) => {
      const rows = tf.reshape(x, [-1, x.shape.at(-1) as number]);
      const factors = tf.reshape(gate, [-1, gate.shape.at(-1) as number]);
      return tf.reshape(tf.mul(rows, factors), x.shape);
    },
  };
}

/** Applies `f` to x as one row: broadcasting goes wrong in rank 5 on WebGPU. */
const flat = (x: tf.Tensor, f: (values: tf.Tensor) => tf.Tensor): tf.Tensor =>
  tf.reshape(f(tf.reshape(x, [-1])), x.shape);

interface NormSettings {
  readonly options: NormOptions;
  readonly weight: WeightOf;
  readonly batchNorms: BatchNorms;
}

/** Zero mean and unit variance; `isDone` where scale and shift are in it too. */
function normalised(
  x: tf.Tensor,
  name: string,
  kind: NormKind,
  { options, weight, batchNorms }: NormSettings,
): { readonly y: tf.Tensor; readonly isDone: boolean } {
  const { epsilon = 1e-5, affine = true } = options;
  const channels = x.shape.at(-1) as number;
  const batch = x.shape[0] as number;
  if (kind === "batch" && batchNorms.predicts) {
    const rows = tf.reshape(x, [-1, channels]);
    const inverse = tf.rsqrt(tf.add(weight(`${name}.variance`), epsilon));
    const y = tf.reshape(tf.mul(tf.sub(rows, weight(`${name}.mean`)), inverse), x.shape);
    return { y, isDone: false };
  }
  if (typeof kind === "object") {
    const inGroup = channels / kind.groups;
    const places = x.size / batch / channels;
    const split = tf.reshape(x, [batch * places, kind.groups, inGroup]);
    const joined = tf.reshape(tf.transpose(split, [0, 2, 1]), [batch, -1, kind.groups]);
    const unit = tf.reshape(normUnit(joined as tf.Tensor3D, epsilon), [
      batch * places,
      inGroup,
      kind.groups,
    ]);
    return { y: tf.reshape(tf.transpose(unit, [0, 2, 1]), x.shape), isDone: false };
  }
  const rows = tf.reshape(x, [kind === "batch" ? 1 : batch, -1, channels]) as tf.Tensor3D;
  if (kind === "batch") measure(rows, name, batchNorms);
  const y = affine
    ? normRows(rows, epsilon, weight(`${name}.scale`), weight(`${name}.shift`))
    : normUnit(rows, epsilon);
  return { y: tf.reshape(y, x.shape), isDone: true };
}

function measure(rows: tf.Tensor3D, name: string, { onBatch }: BatchNorms): void {
  if (!onBatch) return;
  const mean = tf.mean(rows, [0, 1]);
  const places = rows.shape[1];
  const squares = tf.sum(tf.square(tf.sub(tf.squeeze(rows, [0]), mean)), 0);
  onBatch(name, mean, tf.div(squares, places - 1));
}

/**
 * A transposed convolution of odd size whose stride is not its size: zeros between the places
 * of x, then a convolution with the kernel turned round.
 */
export function convolveSpread(
  x: tf.Tensor,
  kernel: tf.Tensor,
  { size, stride = size }: ConvTransposedOptions,
): tf.Tensor {
  let spread = x;
  for (let axis = 1; stride > 1 && axis < x.rank - 1; axis++) {
    const shape = spread.shape;
    const before = shape.slice(0, axis + 1).reduce((a, b) => a * b, 1);
    const rows = tf.reshape(spread, [before, -1]);
    const gaps = tf.zeros([before, (stride - 1) * (rows.shape[1] as number)]);
    spread = tf.reshape(tf.concat([rows, gaps], 1), shape.with(axis, (shape[axis] ?? 1) * stride));
  }
  const taps = kernel.shape.slice(0, -2).reduce((a, b) => a * b, 1);
  const rows = tf.split(tf.reshape(kernel, [taps, -1]), taps, 0);
  const turned = tf.reshape(tf.concat(rows.toReversed(), 0), kernel.shape);
  return x.rank === 4
    ? tf.conv2d(spread as tf.Tensor4D, turned as tf.Tensor4D, 1, "same")
    : tf.conv3d(spread as tf.Tensor5D, turned as tf.Tensor5D, 1, "same");
}
