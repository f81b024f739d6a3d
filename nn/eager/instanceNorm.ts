import * as tf from "@tensorflow/tfjs-core";

/**
 * Norm over the places of each sample and channel.
 *
 *     u = (x - mean x) / sqrt(var x + epsilon),  y = scale u + shift
 *
 * The variance is biased and taken in a second pass: one pass loses it beside a large mean.
 * The gradient is written out; left to automatic differentiation a step takes twice as long:
 *
 *     dx = scale / sqrt(var x + epsilon) (dy - mean dy - u mean(dy u))
 *
 * @param rows - [batch, places, channels]
 * @param scale - [channels], as `shift`
 *
 * Source: Ulyanov et al. 2016, arXiv:1607.08022.
 */
export function normRows(
  rows: tf.Tensor3D,
  epsilon: number,
  scale: tf.Tensor,
  shift: tf.Tensor,
): tf.Tensor {
  const norm = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, scales, shifts] = inputs as [tf.Tensor3D, tf.Tensor1D, tf.Tensor1D];
    const save = inputs[3] as tf.GradSaveFunc;
    const centred = tf.sub(x, meanOfPlaces(x));
    const deviation = tf.rsqrt(tf.add(meanOfPlaces(tf.square(centred)), epsilon));
    const unit = tf.mul(centred, deviation);
    save([unit, deviation, scales]);
    return {
      value: tf.add(tf.mul(unit, scales), shifts),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        normGradients(dy, saved as [tf.Tensor, tf.Tensor, tf.Tensor]),
    };
  });
  return norm(rows, scale, shift);
}

/** The same without scale and shift. */
export function normUnit(rows: tf.Tensor3D, epsilon: number): tf.Tensor {
  const channels = rows.shape[2];
  return normRows(rows, epsilon, tf.ones([channels]), tf.zeros([channels]));
}

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
