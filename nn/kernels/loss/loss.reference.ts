import { UNANNOTATED } from "#core/volume/volume.ts";
import type { LossSpec } from "../../engine.ts";

/** Smoothing of both sides of the Dice ratio. */
export const diceEpsilon = 1e-5;

/**
 * Mean cross entropy plus soft Dice loss of softmax(logits) over annotated places:
 * `crossEntropy * mean(-log p[class]) + dice * mean over foreground classes of
 * (1 - (2 I + 1e-5) / (P + G + 1e-5))`, where I, P and G are the sums over the whole batch of
 * p * g, p and g. Nothing annotated gives 0 with a zero gradient.
 *
 * @param logits - [places, classes]
 * @param labels - [places], 255 where nobody annotated
 * @returns the loss and dL/dlogits
 */
export function lossReference(
  logits: Float64Array,
  labels: Uint8Array,
  classes: number,
  weights: LossSpec,
): { loss: number; gradient: Float64Array } {
  const probabilities = softmax(logits, classes);
  const counted = [...labels.keys()].filter((i) => labels[i] !== UNANNOTATED);
  const gradient = new Float64Array(logits.length);
  if (counted.length === 0) return { loss: 0, gradient };
  const at = (i: number, c: number) => probabilities[i * classes + c] ?? 0;
  const share = (values: number[]) => values.reduce((a, b) => a + b, 0);
  let loss =
    (weights.crossEntropy * share(counted.map((i) => -logOf(logits, i, classes, labels[i] ?? 0)))) /
    counted.length;
  // dL/dp of the Dice part, one pair per foreground class: at places of the class, elsewhere.
  const dice = Array.from({ length: classes }, (_, c) => {
    if (c === 0) return [0, 0] as const;
    const members = counted.filter((i) => labels[i] === c);
    const top = 2 * share(members.map((i) => at(i, c))) + diceEpsilon;
    const bottom = share(counted.map((i) => at(i, c))) + members.length + diceEpsilon;
    const each = weights.dice / (classes - 1);
    loss += each * (1 - top / bottom);
    return [(each * (top - 2 * bottom)) / bottom ** 2, (each * top) / bottom ** 2] as const;
  });
  for (const i of counted) {
    const byP = dice.map(([inside, outside], c) => (labels[i] === c ? inside : outside));
    const mean = share(byP.map((d, c) => d * at(i, c)));
    for (let c = 0; c < classes; c++) {
      const hit = labels[i] === c ? 1 : 0;
      gradient[i * classes + c] =
        (weights.crossEntropy * (at(i, c) - hit)) / counted.length +
        at(i, c) * ((byP[c] ?? 0) - mean);
    }
  }
  return { loss, gradient };
}

function softmax(logits: Float64Array, classes: number): Float64Array {
  return logits.map((_, k) =>
    Math.exp(logOf(logits, Math.floor(k / classes), classes, k % classes)),
  );
}

/** Logarithm of the softmax of row `i` at class `c`. */
function logOf(logits: Float64Array, i: number, classes: number, c: number): number {
  const row = logits.subarray(i * classes, (i + 1) * classes);
  const top = Math.max(...row);
  return (row[c] ?? 0) - top - Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
}
