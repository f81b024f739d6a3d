import { networkDimensions } from "#core/experiment/methods.ts";
import { patchSizeOf } from "#core/experiment/patchSize.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import type { Engine, MemoryPlan, ModelSpec } from "../engine.ts";
import { predictedShapes } from "../inference/predictedShapes.ts";
import { networks } from "./methods.ts";
import { lossOf, optimiserOf } from "./recipes.ts";

/**
 * The memory that a trial takes on a device, before it begins; null where nothing is planned
 * ahead.
 *
 * @param classes - background included
 * @param shapes - of all volumes of the experiment; the first stands for those predicted
 * @throws PlannerError "argument" when the network cannot take the patch
 */
export function planTrialMemory(
  engine: Pick<Engine, "planMemory">,
  { configuration, training }: Pick<Trial, "configuration" | "training">,
  classes: number,
  shapes: readonly Shape3[],
): MemoryPlan | null {
  const { network, multiple } = networks[configuration.network](training.networkSize, classes);
  const patch = patchSizeOf(training.patch, networkDimensions[configuration.network], shapes);
  const spec: ModelSpec = {
    ...{ network, classes, input: [training.batchSize, ...patch, 1] },
    ...{ loss: lossOf(training.recipe), optimiser: optimiserOf(training.recipe) },
  };
  const [shape] = shapes;
  return engine.planMemory(spec, shape ? predictedShapes({ shape, patch, multiple }) : []);
}
