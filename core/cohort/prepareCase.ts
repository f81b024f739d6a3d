import { PlannerError } from "../errors.ts";
import { normalize } from "../volume/normalize.ts";
import { preprocessImage, preprocessLabels } from "../volume/preprocess.ts";
import { changesGrid, isPlain, type Preprocessing } from "../volume/preprocessing.ts";
import { type Case, UNANNOTATED, type Volume } from "../volume/volume.ts";

/** A case's volumes as `readCase` gives them. */
export interface CaseVolumes {
  readonly id: string;
  readonly patient: string;
  readonly image: Volume;
  readonly labels: Volume;
}

/** What a cohort says about its cases beside their voxels. */
export interface PrepareRules {
  readonly preprocessing?: Preprocessing | undefined;
  /** Label of voxels that nobody annotated. */
  readonly ignoreLabel?: number | undefined;
}

/**
 * A case ready for trials: the image preprocessed (intensities with mean 0 and variance 1
 * unless another rule was chosen), and a mask in which the labels of each target class are
 * its number, from 1, the ignored label is 255 and everything else is background.
 *
 * @param classes - labels of class 1, 2, .., see `classLabels`
 * @throws PlannerError "argument" when image and labels differ in shape
 */
export function prepareCase(
  { id, patient, image, labels }: CaseVolumes,
  classes: readonly (readonly number[])[],
  { preprocessing = {}, ignoreLabel }: PrepareRules = {},
): Case {
  if (image.shape.some((count, axis) => count !== labels.shape[axis])) {
    throw new PlannerError(
      "argument",
      `labels must have the shape of their image [${image.shape.join(", ")}], ` +
        `got [${labels.shape.join(", ")}]`,
    );
  }
  const prepared = isPlain(preprocessing)
    ? { ...image, voxels: normalize(image.voxels).voxels }
    : preprocessImage(image, preprocessing);
  const voxels = changesGrid(preprocessing)
    ? preprocessLabels(labels.voxels, image, preprocessing)
    : labels.voxels;
  const classOf = new Map(
    classes.flatMap((list, index) => list.map((label) => [label, index + 1] as const)),
  );
  if (ignoreLabel !== undefined) classOf.set(ignoreLabel, UNANNOTATED);
  const mask = new Uint8Array(voxels.length);
  for (let index = 0; index < mask.length; index++) {
    mask[index] = classOf.get(voxels[index] as number) ?? 0;
  }
  return { id, patient, image: prepared, mask: { shape: prepared.shape, classes: mask } };
}
