import { PlannerError } from "../errors.ts";
import { type Case, type Mask, UNANNOTATED, type Volume } from "../volume/volume.ts";

/** A volume and what is known of its mask: all a trial may train on. */
export interface Example {
  readonly id: string;
  readonly image: Volume & { readonly voxels: Float32Array };
  /** Classes on annotated slices, 255 everywhere else. */
  readonly known: Mask;
  /** Depth indices whose mask a person drew, ascending. */
  readonly annotated: readonly number[];
  /** How sure an interpolator is of `known`, 0 to 1, voxel by voxel; 1 where a person drew. */
  readonly confidence?: Float32Array;
}

/**
 * Reveals the mask on the selected slices and blanks it everywhere else: nothing that was
 * not selected passes here, whatever trains later.
 *
 * @throws PlannerError "argument" when an index is outside the volume, repeated or not ascending
 */
export function annotate({ id, image, mask }: Case, selected: readonly number[]): Example {
  const [depth, height, width] = mask.shape;
  const size = height * width;
  const classes = new Uint8Array(mask.classes.length).fill(UNANNOTATED);
  let previous = -1;
  for (const index of selected) {
    if (!Number.isInteger(index) || index <= previous || index >= depth) {
      throw new PlannerError(
        "argument",
        `selected slices must be ascending indices in 0..${depth - 1}, got [${selected.join(", ")}]`,
      );
    }
    previous = index;
    classes.set(mask.classes.subarray(index * size, (index + 1) * size), index * size);
  }
  return { id, image, known: { shape: mask.shape, classes }, annotated: [...selected] };
}
