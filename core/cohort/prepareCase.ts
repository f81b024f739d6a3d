import { PlannerError } from "../errors.ts";
import { normalize } from "../volume/normalize.ts";
import type { Case, Volume } from "../volume/volume.ts";

/** A case's volumes as `readCase` gives them. */
export interface CaseVolumes {
  readonly id: string;
  readonly patient: string;
  readonly image: Volume;
  readonly labels: Volume;
}

/**
 * A case ready for trials: intensities with mean 0 and variance 1, and a mask in which every
 * target label is class 1 and everything else background.
 *
 * @param targetLabels - labels that together form the target
 * @throws PlannerError "argument" when image and labels differ in shape
 */
export function prepareCase(
  { id, patient, image, labels }: CaseVolumes,
  targetLabels: readonly number[],
): Case {
  if (image.shape.some((count, axis) => count !== labels.shape[axis])) {
    throw new PlannerError(
      "argument",
      `labels must have the shape of their image [${image.shape.join(", ")}], ` +
        `got [${labels.shape.join(", ")}]`,
    );
  }
  const target = new Set(targetLabels);
  const classes = new Uint8Array(labels.voxels.length);
  for (let index = 0; index < classes.length; index++) {
    if (target.has(labels.voxels[index] as number)) classes[index] = 1;
  }
  return {
    id,
    patient,
    image: { ...image, voxels: normalize(image.voxels).voxels },
    mask: { shape: labels.shape, classes },
  };
}
