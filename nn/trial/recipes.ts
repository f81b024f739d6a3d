import type { Recipe } from "#core/experiment/recipe.ts";
import type { LossSpec, OptimiserSpec } from "../engine.ts";

/**
 * The loss of a recipe. Dice is that of the foreground classes with sums over the whole batch:
 * patches of sparse slices often hold no voxel of a class, whose Dice would only be noise.
 */
export function lossOf({ loss }: Recipe): LossSpec {
  switch (loss.kind) {
    case "crossEntropy":
      return {
        crossEntropy: 1,
        dice: 0,
        ...(loss.weights ? { classWeights: loss.weights } : {}),
      };
    case "diceCrossEntropy":
      return { crossEntropy: 1, dice: 1 };
    case "diceFocal":
      return { crossEntropy: 0, dice: 1, focal: 1, gamma: loss.gamma };
  }
}

/** The optimiser of a recipe, with the moments its authors recommend. */
export function optimiserOf({ optimiser }: Recipe): OptimiserSpec {
  switch (optimiser.kind) {
    case "adamw":
      return {
        kind: "adamw",
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: optimiser.weightDecay,
      };
    case "sgd":
      return { ...optimiser, nesterov: false };
  }
}
