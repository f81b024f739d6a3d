import type { Gate, StopSignal } from "#core/context.ts";
import { isVolumePatch, type PatchSize } from "#core/experiment/patchSize.ts";
import type { Mask, Volume } from "#core/volume/volume.ts";
import type { Model } from "../engine.ts";
import { predictMask } from "./predictMask.ts";
import { predictVolume } from "./predictVolume.ts";

export interface CasePrediction {
  readonly model: Model;
  readonly classes: number;
  /** That the network trained on. */
  readonly patch: PatchSize;
  /** Slices are padded to multiples of this. */
  readonly multiple: number;
  readonly signal: StopSignal;
  readonly gate: Gate;
}

/**
 * The class of every voxel: slice by slice when the network trained on slices, by overlapping
 * windows when it trained on 3D patches.
 *
 * @throws PlannerError "divergence" when a logit is not finite
 */
export function predictCase(
  image: Volume & { readonly voxels: Float32Array },
  { patch, multiple, ...prediction }: CasePrediction,
): Promise<Mask> {
  return isVolumePatch(patch)
    ? predictVolume(image, { ...prediction, patch })
    : predictMask(image, { ...prediction, patch, multiple });
}
