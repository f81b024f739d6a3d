import type { SgdSpec } from "../../engine.ts";

/** Velocity of one weight tensor. */
export interface SgdState {
  readonly weights: Float64Array;
  readonly velocity: Float64Array;
}

/**
 * One step of gradient descent with momentum, in place: d = g + decay w, v <- momentum v + d,
 * w <- w - rate v, with Nesterov w <- w - rate (d + momentum v). The velocity starts at 0.
 *
 * Source: Sutskever et al. 2013, PMLR 28:1139-1147, in the form of `torch.optim.SGD`.
 */
export function sgdReference(
  { weights, velocity }: SgdState,
  gradient: Float64Array,
  { momentum, weightDecay, nesterov }: SgdSpec,
  learningRate: number,
): void {
  gradient.forEach((g, i) => {
    const w = weights[i] ?? 0;
    const d = g + weightDecay * w;
    const v = momentum * (velocity[i] ?? 0) + d;
    velocity[i] = v;
    weights[i] = w - learningRate * (nesterov ? d + momentum * v : v);
  });
}
