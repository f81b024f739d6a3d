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
 * A case ready for trials: intensities with mean 0 and variance 1, and a mask in which the
 * labels of each target class are its number, from 1, and everything else is background.
 *
 * @param classes - labels of class 1, 2, .., see `classLabels`
 * @throws PlannerError "argument" when image and labels differ in shape
 */
export function prepareCase(
  { id, patient, image, labels }: CaseVolumes,
  classes: readonly (readonly number[])[],
): Case {
  if (image.shape.some((count, axis) => count !== labels.shape[axis])) {
    throw new PlannerError(
      "argument",
      `labels must have the shape of their image [${image.shape.join(", ")}], ` +
        `got [${labels.shape.join(", ")}]`,
    );
  }
  const classOf = new Map(
    classes.flatMap((list, index) => list.map((label) => [label, index + 1] as const)),
  );
  const mask = new Uint8Array(labels.voxels.length);
  for (let index = 0; index < mask.length; index++) {
    mask[index] = classOf.get(labels.voxels[index] as number) ?? 0;
  }
  return {
    id,
    patient,
    image: { ...image, voxels: normalize(image.voxels).voxels },
    mask: { shape: labels.shape, classes: mask },
  };
}
