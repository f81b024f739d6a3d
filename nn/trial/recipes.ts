import type { Recipe } from "#core/experiment/recipe.ts";
import type { LossSpec, OptimiserSpec } from "../engine.ts";

/** The loss of a recipe. */
export function lossOf({ loss }: Recipe): LossSpec {
  switch (loss.kind) {
    case "crossEntropy":
      return { crossEntropy: 1, dice: 0 };
    case "diceCrossEntropy":
      return { crossEntropy: 1, dice: 1 };
  }
}

/** The optimiser of a recipe, with the moments its authors recommend. */
export function optimiserOf({ optimiser: { weightDecay } }: Recipe): OptimiserSpec {
  return { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay };
}
