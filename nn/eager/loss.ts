import * as tf from "@tensorflow/tfjs-core";
import { PlannerError } from "#core/errors.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";
import type { LossSpec } from "../engine.ts";
import { diceEpsilon, type FullLoss, fullLoss } from "../kernels/loss/loss.reference.ts";

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

/**
 * The loss of `LossSpec`, over annotated places only. The gradient is written out, so that it
 * is exactly 0 at unannotated places and no per-row softmax kernel is needed (that of the
 * WebGPU backend overwrites the last row beyond 65,535 rows).
 *
 * @param logits - [places, classes]
 * @param samples - equal parts of the places, for a Dice per sample
 * @returns a scalar; 0 with zero gradient when nothing is annotated
 *
 * Source: Milletari et al. 2016, doi:10.1109/3DV.2016.79; Lin et al. 2017,
 * doi:10.1109/ICCV.2017.324; both in MONAI's form.
 */
export function maskedLoss(
  logits: tf.Tensor,
  target: Target,
  spec: LossSpec,
  samples = 1,
): tf.Scalar {
  const full = fullLoss(spec, target.counts.length);
  const loss = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save) => {
    const { value, gradient } = lossAndGradient(input as tf.Tensor, target, full, samples);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [tf.mul(saved[0] as tf.Tensor, dy)],
    };
  });
  return loss(logits) as tf.Scalar;
}

function lossAndGradient(logits: tf.Tensor, target: Target, loss: FullLoss, samples: number) {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const powers = tf.exp(shifted);
  const total = tf.sum(powers, 1, true);
  const p = tf.div(powers, total);
  const perPlace = placeLoss(p, tf.sub(shifted, tf.log(total)), target, loss);
  if (loss.dice === 0) return perPlace;
  const dice = diceLoss(p, target, loss, loss.dicePerSample ? samples : 1);
  return {
    value: tf.add(perPlace.value, dice.value) as tf.Scalar,
    gradient: tf.add(perPlace.gradient, dice.gradient),
  };
}

/** Cross entropy and focal loss. */
function placeLoss(
  p: tf.Tensor,
  logP: tf.Tensor,
  { oneHot, known, counts }: Target,
  loss: FullLoss,
) {
  const { classWeights, crossEntropy, focal, gamma } = loss;
  const weight = sumOf(counts.map((count, c) => count * (classWeights[c] ?? 0)));
  const share = weight > 0 ? crossEntropy / weight : 0;
  const log = tf.sum(tf.mul(oneHot, logP), 1, true);
  const shares = tf.mul(tf.sum(tf.mul(oneHot, tf.tensor1d([...classWeights])), 1, true), share);
  let value = tf.neg(tf.sum(tf.mul(shares, log)));
  let steepness = shares;
  if (focal !== 0) {
    const each = focal / Math.max(1, sumOf(counts));
    const own = tf.sum(tf.mul(oneHot, p), 1, true);
    // Rounding may take it below 0, where no power is defined.
    const rest = tf.relu(tf.sub(1, own));
    const hard = tf.pow(rest, gamma);
    value = tf.sub(value, tf.mul(tf.sum(tf.mul(known, tf.mul(hard, log))), each));
    const turn = tf.mul(tf.mul(tf.mul(own, tf.pow(rest, gamma - 1)), log), gamma);
    steepness = tf.add(steepness, tf.mul(tf.mul(known, tf.sub(hard, turn)), each));
  }
  return {
    value: value as tf.Scalar,
    gradient: tf.mul(steepness, tf.sub(tf.mul(known, p), oneHot)),
  };
}

/** Soft Dice of each group of places, its mean over groups and classes. */
function diceLoss(
  p: tf.Tensor,
  { oneHot, known, counts }: Target,
  { dice, firstClass }: FullLoss,
  groups: number,
) {
  const classes = counts.length;
  const grouped = (x: tf.Tensor) => tf.reshape(x, [groups, -1, classes]);
  const sums = (x: tf.Tensor) => tf.sum(grouped(x), 1, true);
  const counted = Math.max(1, classes - firstClass);
  const weights = tf.tensor1d(counts.map((_, c) => (c < firstClass ? 0 : dice / counted / groups)));
  const numerator = tf.add(tf.mul(sums(tf.mul(oneHot, p)), 2), diceEpsilon);
  const denominator = tf.add(tf.add(sums(tf.mul(known, p)), sums(oneHot)), diceEpsilon);
  const score = tf.div(numerator, denominator);
  // d dice / d p_c = -w_c a (2 g_c - score_c) / denominator_c
  const slope = tf.mul(
    tf.div(tf.neg(weights), denominator),
    tf.sub(tf.mul(grouped(oneHot), 2), tf.mul(tf.reshape(known, [groups, -1, 1]), score)),
  );
  const inner = tf.sum(tf.mul(grouped(p), slope), 2, true);
  const gradient = tf.mul(grouped(p), tf.sub(slope, inner));
  return {
    value: tf.sum(tf.mul(weights, tf.sub(1, score))) as tf.Scalar,
    gradient: tf.reshape(gradient, [-1, classes]),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
