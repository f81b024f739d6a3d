import { PlannerError } from "#core/errors.ts";
import type { Schedule } from "#core/experiment/recipe.ts";

/**
 * The learning rate of one step.
 *
 *     constant  lr
 *     poly      lr (1 - s/S)^power, 0 from S on
 *     cosine    lowest + (lr - lowest) (1 + cos(pi s/S)) / 2
 *     step      lr factor^floor(s / every)
 *
 * @param learningRate - lr, of the first step
 * @param step - s, 0-based
 * @param steps - S, of the whole training
 * @throws PlannerError "argument" when the step is not a whole number from 0
 */
export function learningRateAt(
  schedule: Schedule,
  learningRate: number,
  step: number,
  steps: number,
): number {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new PlannerError("argument", `step must be a whole number from 0, got ${step}`);
  }
  switch (schedule.kind) {
    case "constant":
      return learningRate;
    case "poly":
      return step >= steps ? 0 : learningRate * (1 - step / steps) ** schedule.power;
    case "cosine": {
      const turn = Math.cos((Math.PI * step) / steps);
      return schedule.lowest + ((learningRate - schedule.lowest) * (1 + turn)) / 2;
    }
    case "step":
      return learningRate * schedule.factor ** Math.floor(step / schedule.every);
  }
}
