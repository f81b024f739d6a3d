import * as tf from "@tensorflow/tfjs-core";
import type { SgdSpec } from "../engine.ts";

/** Parameters with their velocity, of one shape. */
export interface SgdState {
  readonly parameters: tf.Tensor;
  readonly velocity: tf.Tensor;
}

/**
 * One update of gradient descent with momentum.
 *
 *     d = g + wd x,  v = momentum v + d
 *     x = x - lr v, with Nesterov x - lr (d + momentum v)
 *
 * @returns new tensors; the caller disposes the old ones
 *
 * Source: Sutskever et al. 2013, PMLR 28:1139-1147, in the form of `torch.optim.SGD`.
 */
export function sgdUpdate(
  { parameters, velocity }: SgdState,
  gradient: tf.Tensor,
  { momentum, weightDecay, nesterov }: SgdSpec,
  learningRate: number,
): SgdState {
  const d = tf.add(gradient, tf.mul(parameters, weightDecay));
  const v = tf.add(tf.mul(velocity, momentum), d);
  const move = nesterov ? tf.add(d, tf.mul(v, momentum)) : v;
  return { parameters: tf.sub(parameters, tf.mul(move, learningRate)), velocity: v };
}
