import type { AdamwSpec } from "../../engine.ts";

/** Moments of one weight tensor. */
export interface AdamwState {
  readonly weights: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/**
 * One step of AdamW, in place (Loshchilov and Hutter 2019, arXiv:1711.05101):
 * w <- w (1 - rate decay) - rate m' / (sqrt(v') + epsilon), with m' = m / (1 - beta1^t) and
 * v' = v / (1 - beta2^t).
 *
 * @param step - counted from 1
 */
export function adamwReference(
  state: AdamwState,
  gradient: Float64Array,
  spec: AdamwSpec,
  learningRate: number,
  step: number,
): void {
  const { weights, first, second } = state;
  gradient.forEach((g, i) => {
    const m = spec.beta1 * (first[i] ?? 0) + (1 - spec.beta1) * g;
    const v = spec.beta2 * (second[i] ?? 0) + (1 - spec.beta2) * g * g;
    first[i] = m;
    second[i] = v;
    const change =
      m / (1 - spec.beta1 ** step) / (Math.sqrt(v / (1 - spec.beta2 ** step)) + spec.epsilon);
    weights[i] = (weights[i] ?? 0) * (1 - learningRate * spec.weightDecay) - learningRate * change;
  });
}
