import { PlannerError } from "#core/errors.ts";

/**
 * @throws PlannerError "divergence" when a logit is not finite: such a network says nothing,
 *   and a mask made of it would be scored like any other
 */
export function requireFiniteLogits(logits: Float32Array): void {
  if (logits.every(Number.isFinite)) return;
  throw new PlannerError(
    "divergence",
    "the trained network predicts numbers that are not finite; lower the learning rate",
  );
}

/** Index of the largest of `count` numbers from `at` on; the first of equal ones. */
export function largestLogit(values: Float32Array, at: number, count: number): number {
  let best = 0;
  for (let index = 1; index < count; index++) {
    if ((values[at + index] as number) > (values[at + best] as number)) best = index;
  }
  return best;
}
