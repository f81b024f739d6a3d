import * as tf from "@tensorflow/tfjs-core";
import { PlannerError } from "#core/errors.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";
import type { LossSpec } from "../engine.ts";

/** Reference classes of a batch as the loss needs them; its tensors must be disposed. */
export interface Target {
  /** [places, classes]: 1 at the class of the place, all 0 where nobody annotated. */
  readonly oneHot: tf.Tensor2D;
  /** [places, 1]: 1 where annotated. */
  readonly known: tf.Tensor2D;
  /** Annotated places of each class. */
  readonly counts: readonly number[];
}

/**
 * @param places - class of each place, 255 where nobody annotated
 * @throws PlannerError "argument" when a place has a class the network does not have
 */
export function targetOf(places: Uint8Array, classes: number): Target {
  const oneHot = new Float32Array(places.length * classes);
  const known = new Float32Array(places.length);
  const counts = new Array<number>(classes).fill(0);
  for (const [index, one] of places.entries()) {
    if (one === UNANNOTATED) continue;
    if (one >= classes) {
      throw new PlannerError(
        "argument",
        `classes must be 0..${classes - 1} or ${UNANNOTATED} for unannotated, got ${one}`,
      );
    }
    oneHot[index * classes + one] = 1;
    known[index] = 1;
    counts[one] = (counts[one] as number) + 1;
  }
  return {
    oneHot: tf.tensor2d(oneHot, [places.length, classes]),
    known: tf.tensor2d(known, [places.length, 1]),
    counts,
  };
}

/** Added to numerator and denominator of the Dice of each class, as MONAI does. */
const SMOOTH = 1e-5;

/**
 * Masked cross entropy plus masked soft Dice, each over annotated places only. With
 * p = softmax(logits), g one-hot, a = 1 where annotated, sums over all places of the batch:
 *
 *     CE   = -sum a log p_y / sum a
 *     Dice = mean over foreground c of 1 - (2 sum a p_c g_c + e) / (sum a p_c + sum a g_c + e)
 *
 * Both are 0 with zero gradient when nothing is annotated. The gradient is written out, so
 * that it is exactly 0 at unannotated places and no per-row softmax kernel is needed (that
 * of the WebGPU backend overwrites the last row beyond 65,535 rows).
 *
 * @param logits - [places, classes]
 * @returns a scalar
 *
 * Source: Milletari et al. 2016, doi:10.1109/3DV.2016.79, in the form of MONAI's DiceCELoss.
 */
export function maskedLoss(logits: tf.Tensor, target: Target, spec: LossSpec): tf.Scalar {
  const loss = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save) => {
    const { value, gradient } = lossAndGradient(input as tf.Tensor, target, spec);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [tf.mul(saved[0] as tf.Tensor, dy)],
    };
  });
  return loss(logits) as tf.Scalar;
}

function lossAndGradient(logits: tf.Tensor, target: Target, spec: LossSpec) {
  const { oneHot, known, counts } = target;
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const powers = tf.exp(shifted);
  const total = tf.sum(powers, 1, true);
  const p = tf.div(powers, total);

  const annotated = Math.max(1, sumOf(counts));
  const logP = tf.sub(shifted, tf.log(total));
  const crossEntropy = tf.div(tf.neg(tf.sum(tf.mul(oneHot, logP))), annotated);
  const ceGradient = tf.div(tf.sub(tf.mul(known, p), oneHot), annotated);
  if (spec.dice === 0) {
    return {
      value: tf.mul(crossEntropy, spec.crossEntropy) as tf.Scalar,
      gradient: tf.mul(ceGradient, spec.crossEntropy),
    };
  }

  // Background takes no part: weight 0 in the mean over classes.
  const classes = counts.length;
  const weights = tf.tensor1d(counts.map((_, c) => (c === 0 ? 0 : 1 / Math.max(1, classes - 1))));
  const numerator = tf.add(tf.mul(columnSums(tf.mul(oneHot, p)), 2), SMOOTH);
  const denominator = tf.add(
    columnSums(tf.mul(known, p)),
    tf.tensor1d(counts.map((n) => n + SMOOTH)),
  );
  const score = tf.div(numerator, denominator);
  const dice = tf.sum(tf.mul(weights, tf.sub(1, score)));
  // d dice / d p_c = -w_c a (2 g_c - score_c) / denominator_c
  const slope = tf.mul(
    tf.div(tf.neg(weights), denominator),
    tf.sub(tf.mul(oneHot, 2), tf.mul(known, score)),
  );
  const inner = tf.sum(tf.mul(p, slope), 1, true);
  const diceGradient = tf.mul(p, tf.sub(slope, inner));
  return {
    value: tf.add(tf.mul(crossEntropy, spec.crossEntropy), tf.mul(dice, spec.dice)) as tf.Scalar,
    gradient: tf.add(tf.mul(ceGradient, spec.crossEntropy), tf.mul(diceGradient, spec.dice)),
  };
}

/** [rows, columns] -> [columns] */
function columnSums(x: tf.Tensor): tf.Tensor {
  return tf.sum(x, 0);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
