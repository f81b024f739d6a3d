import { isVolumePatch, type PatchSize } from "#core/experiment/patchSize.ts";
import type { AugmentationName, Sampling } from "#core/experiment/recipe.ts";
import type { Random } from "#core/random.ts";
import type { Example } from "#core/selection/annotate.ts";
import { type Batches, sliceBatches } from "./batches.ts";
import { patchBatches } from "./patchBatches.ts";

export interface BatchSpec {
  readonly batchSize: number;
  readonly patch: PatchSize;
  readonly sampling: Sampling;
  readonly augmentations: readonly AugmentationName[];
  /** Background included. */
  readonly classes: number;
}

/**
 * Batches for ever: of slices when the patch is flat, of 3D patches when it has a depth.
 *
 * @throws PlannerError "experiment" when nothing is annotated
 */
export function batchesFor(
  examples: readonly Example[],
  { patch, ...spec }: BatchSpec,
  random: Random,
): Batches {
  return isVolumePatch(patch)
    ? patchBatches(examples, { ...spec, patch }, random)
    : sliceBatches(examples, spec.batchSize, patch, random, spec.augmentations);
}
