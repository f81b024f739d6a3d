import { PlannerError } from "../errors.ts";
import { type Mask, UNANNOTATED } from "../volume/volume.ts";

/** Voxels of one class: in both masks, in the prediction only, in the reference only. */
export interface Overlap {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}

/**
 * Counts how a prediction overlaps a reference in one class. Voxels that nobody annotated
 * in the reference (255) are not counted.
 *
 * @throws PlannerError "argument" when the shapes differ
 */
export function overlapOf(prediction: Mask, reference: Mask, targetClass = 1): Overlap {
  if (prediction.classes.length !== reference.classes.length) {
    throw new PlannerError(
      "argument",
      `prediction must have the shape of its reference [${reference.shape.join(", ")}], ` +
        `got [${prediction.shape.join(", ")}]`,
    );
  }
  let tp = 0;
  let fp = 0;
  let fn = 0;
  for (let index = 0; index < reference.classes.length; index++) {
    const truth = reference.classes[index];
    if (truth === UNANNOTATED) continue;
    const predicted = prediction.classes[index] === targetClass;
    if (truth === targetClass) {
      if (predicted) tp++;
      else fn++;
    } else if (predicted) fp++;
  }
  return { tp, fp, fn };
}

/**
 * Intersection over union (Jaccard 1901).
 *
 *     IoU = TP / (TP + FP + FN)
 *
 * @returns in [0, 1], or null when both masks are empty: there is nothing to overlap
 */
export function iouOf({ tp, fp, fn }: Overlap): number | null {
  const union = tp + fp + fn;
  return union === 0 ? null : tp / union;
}

/** The overlap of all cases together, for the pooled IoU. */
export function pooled(overlaps: readonly Overlap[]): Overlap {
  return overlaps.reduce(
    (sum, one) => ({ tp: sum.tp + one.tp, fp: sum.fp + one.fp, fn: sum.fn + one.fn }),
    { tp: 0, fp: 0, fn: 0 },
  );
}
