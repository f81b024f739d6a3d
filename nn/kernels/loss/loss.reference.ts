import { UNANNOTATED } from "#core/volume/volume.ts";
import type { LossSpec } from "../../engine.ts";

/** Smoothing of both sides of the Dice ratio. */
export const diceEpsilon = 1e-5;

/** A loss with everything it leaves open filled in. */
export interface FullLoss {
  readonly crossEntropy: number;
  readonly classWeights: readonly number[];
  readonly dice: number;
  /** First class whose Dice counts: 0 or 1. */
  readonly firstClass: number;
  readonly dicePerSample: boolean;
  readonly focal: number;
  readonly gamma: number;
}

/** @throws RangeError when there is not one weight per class */
export function fullLoss(spec: LossSpec, classes: number): FullLoss {
  const { classWeights = Array.from({ length: classes }, () => 1) } = spec;
  if (classWeights.length !== classes)
    throw new RangeError(`class weights must be ${classes}, got ${classWeights.length}`);
  return {
    crossEntropy: spec.crossEntropy,
    classWeights,
    dice: spec.dice,
    firstClass: spec.diceBackground ? 0 : 1,
    dicePerSample: spec.dicePerSample ?? false,
    focal: spec.focal ?? 0,
    gamma: spec.gamma ?? 2,
  };
}

/**
 * The loss of `LossSpec` and its gradient by the logits. Places nobody annotated are in no sum
 * and have no gradient; nothing annotated gives 0 with a zero gradient.
 *
 * @param logits - [places, classes]
 * @param labels - [places], 255 where nobody annotated
 * @param samples - equal parts of the places, for a Dice per sample
 * @returns the loss and dL/dlogits
 */
export function lossReference(
  logits: Float64Array,
  labels: Uint8Array,
  classes: number,
  spec: LossSpec,
  samples = 1,
): { loss: number; gradient: Float64Array } {
  const loss = fullLoss(spec, classes);
  const counted = [...labels.keys()].filter((i) => labels[i] !== UNANNOTATED);
  const gradient = new Float64Array(logits.length);
  if (counted.length === 0) return { loss: 0, gradient };
  const logs = logSoftmax(logits, classes);
  const p = logs.map(Math.exp);
  const labelOf = (i: number) => labels[i] ?? 0;
  const weightOf = (i: number) => loss.classWeights[labelOf(i)] ?? 0;
  const totalWeight = sum(counted.map(weightOf));

  let value = 0;
  for (const i of counted) {
    const own = i * classes + labelOf(i);
    const [log, probability] = [logs[own] ?? 0, p[own] ?? 0];
    const share = totalWeight > 0 ? (loss.crossEntropy * weightOf(i)) / totalWeight : 0;
    const rest = 1 - probability;
    const focal = loss.focal / counted.length;
    value -= share * log + focal * rest ** loss.gamma * log;
    // dL/dz_c = steepness * (p_c - 1 at the class, p_c elsewhere)
    const steepness =
      share +
      focal * (rest ** loss.gamma - loss.gamma * probability * rest ** (loss.gamma - 1) * log);
    for (let c = 0; c < classes; c++) {
      const hit = c === labelOf(i) ? 1 : 0;
      gradient[i * classes + c] = steepness * ((p[i * classes + c] ?? 0) - hit);
    }
  }
  const groups = loss.dicePerSample ? samples : 1;
  const size = labels.length / groups;
  for (let group = 0; group < groups; group++) {
    const members = counted.filter((i) => Math.floor(i / size) === group);
    value += addDice(members, { p, labels, classes, loss, groups }, gradient);
  }
  return { loss: value, gradient };
}

interface DiceInput {
  readonly p: Float64Array;
  readonly labels: Uint8Array;
  readonly classes: number;
  readonly loss: FullLoss;
  readonly groups: number;
}

/** The Dice of one group of places, and its gradient added to `gradient`. */
function addDice(
  places: readonly number[],
  { p, labels, classes, loss, groups }: DiceInput,
  gradient: Float64Array,
): number {
  const each = loss.dice / Math.max(1, classes - loss.firstClass) / groups;
  let value = 0;
  // dL/dp, one pair per class: at places of the class, elsewhere.
  const slopes = Array.from({ length: classes }, (_, c) => {
    if (c < loss.firstClass) return [0, 0] as const;
    const inside = places.filter((i) => labels[i] === c);
    const top = 2 * sum(inside.map((i) => p[i * classes + c] ?? 0)) + diceEpsilon;
    const bottom = sum(places.map((i) => p[i * classes + c] ?? 0)) + inside.length + diceEpsilon;
    value += each * (1 - top / bottom);
    return [(each * (top - 2 * bottom)) / bottom ** 2, (each * top) / bottom ** 2] as const;
  });
  for (const i of places) {
    const byP = slopes.map(([inside, outside], c) => (labels[i] === c ? inside : outside));
    const mean = sum(byP.map((slope, c) => slope * (p[i * classes + c] ?? 0)));
    for (const [c, slope] of byP.entries()) {
      const at = i * classes + c;
      gradient[at] = (gradient[at] ?? 0) + (p[at] ?? 0) * (slope - mean);
    }
  }
  return value;
}

function logSoftmax(logits: Float64Array, classes: number): Float64Array {
  const logs = new Float64Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    const row = logits.subarray(at, at + classes);
    const top = Math.max(...row);
    const log = Math.log(row.reduce((total, z) => total + Math.exp(z - top), 0));
    for (const [c, z] of row.entries()) logs[at + c] = z - top - log;
  }
  return logs;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
