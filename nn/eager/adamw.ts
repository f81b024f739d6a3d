import * as tf from "@tensorflow/tfjs-core";
import type { AdamwSpec } from "../engine.ts";

/** Parameters with their running moments, all of one shape. */
export interface AdamwState {
  readonly parameters: tf.Tensor;
  /** Mean of gradients. */
  readonly first: tf.Tensor;
  /** Mean of squared gradients. */
  readonly second: tf.Tensor;
}

/**
 * One update of AdamW: weight decay apart from the gradient.
 *
 *     m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
 *     x = x - lr wd x - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
 *
 * @param step - t, 1-based
 * @returns new tensors; the caller disposes the old ones
 *
 * Source: Loshchilov and Hutter 2019, arXiv:1711.05101.
 */
export function adamwUpdate(
  { parameters, first, second }: AdamwState,
  gradient: tf.Tensor,
  { beta1, beta2, epsilon, weightDecay }: AdamwSpec,
  learningRate: number,
  step: number,
): AdamwState {
  const m = tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const root = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** step)), epsilon);
  const move = tf.mul(tf.div(m, root), learningRate / (1 - beta1 ** step));
  const kept = tf.mul(parameters, 1 - learningRate * weightDecay);
  return { parameters: tf.sub(kept, move), first: m, second: v };
}
