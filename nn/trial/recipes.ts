import type { NetworkName } from "#core/experiment/methods.ts";
import type { LossSpec, OptimiserSpec } from "../engine.ts";
import type { Schedule } from "../training/schedule.ts";

/** How networks are built and trained where the experiment does not say. */

/** Channels of the logits: background and target. */
export const classes = 2;

export interface TrainingRecipe {
  readonly loss: LossSpec;
  readonly optimiser: OptimiserSpec;
  readonly schedule: Schedule;
}

export const trainingRecipes: Record<NetworkName, TrainingRecipe> = {
  unet2d: {
    loss: { crossEntropy: 1, dice: 1 },
    optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-5 },
    schedule: { kind: "poly", power: 0.9 },
  },
};
