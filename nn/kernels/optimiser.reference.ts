import type { OptimiserSpec } from "../engine.ts";
import { adamwReference } from "./adamw/adamw.reference.ts";
import { sgdReference } from "./sgd/sgd.reference.ts";

/** A weight tensor and what the optimiser remembers of it. */
export interface OptimisedWeights {
  readonly weights: Float64Array;
  /** As `TrainingState.moments`. */
  readonly moments: readonly Float64Array[];
}

/** How many vectors an optimiser remembers, each as long as the weights. */
export const momentCount = ({ kind }: OptimiserSpec): number => (kind === "adamw" ? 2 : 1);

/** Weights before the first step. */
export function unoptimised(spec: OptimiserSpec, weights: ArrayLike<number>): OptimisedWeights {
  const zero = () => new Float64Array(weights.length);
  return {
    weights: Float64Array.from(weights),
    moments: Array.from({ length: momentCount(spec) }, zero),
  };
}

/**
 * One step of an optimiser in plain loops, in place.
 *
 * @param step - counted from 1
 */
export function optimiserReference(
  { weights, moments }: OptimisedWeights,
  gradient: Float64Array,
  spec: OptimiserSpec,
  learningRate: number,
  step: number,
): void {
  const [first = new Float64Array(0), second = new Float64Array(0)] = moments;
  if (spec.kind === "sgd") sgdReference({ weights, velocity: first }, gradient, spec, learningRate);
  else adamwReference({ weights, first, second }, gradient, spec, learningRate, step);
}
