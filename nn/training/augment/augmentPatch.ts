import type { AugmentationName } from "#core/experiment/recipe.ts";
import type { Random } from "#core/random.ts";
import type { Shape3, Spacing3 } from "#core/volume/grid.ts";
import { drawAffine, sourceMatrix } from "./affine.ts";
import { biasField, drawBias } from "./biasField.ts";
import { drawControlPoints, splineField } from "./elastic.ts";
import { type LabelledGrid, warpPatch } from "./warpPatch.ts";

/** A patch to be cut from a volume, or from a slice as a volume of one. */
export interface PatchPlace {
  readonly from: LabelledGrid;
  /** mm */
  readonly spacing: Spacing3;
  /** First voxel of the patch; may lie outside. */
  readonly corner: Shape3;
  /** Lowest intensity of the volume. */
  readonly lowest: number;
}

const unchanged = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/**
 * Cuts a patch and changes it at random. Shape changes read the whole volume, so that a turned
 * patch has no empty corners where there is image; each change draws from a stream of its own.
 *
 * @param into - image and classes of the patch, filled here
 *
 * Source: the changes the paper names, with TorchIO's defaults (methods 5.4).
 */
export function augmentPatch(
  { from, spacing, corner, lowest }: PatchPlace,
  augmentations: readonly AugmentationName[],
  random: Random,
  into: LabelledGrid,
): void {
  const isFlat = into.shape[0] === 1;
  const has = (name: AugmentationName) => augmentations.includes(name);
  const matrix = has("affine")
    ? sourceMatrix(drawAffine(isFlat, random.fork("affine")))
    : unchanged;
  const displacement = has("elastic")
    ? drawControlPoints(isFlat, random.fork("elastic")).map((points) =>
        splineField(into.shape, points),
      )
    : null;
  warpPatch(from, into, { corner, spacing, matrix, displacement }, lowest);
  if (has("biasField")) {
    const field = biasField(into.shape, drawBias(isFlat, random.fork("biasField")));
    for (const [place, factor] of field.entries()) {
      into.image[place] = (into.image[place] ?? 0) * factor;
    }
  }
  if (has("flip") && random.fork("flip").uniform() < 0.5) flipWidth(into);
}

/** The lowest of many numbers; 0 of none. */
export function lowestOf(values: Float32Array): number {
  let lowest = values[0] ?? 0;
  for (const value of values) if (value < lowest) lowest = value;
  return lowest;
}

/** Mirrors a patch left to right. */
export function flipWidth({ shape: [depth, height, width], image, classes }: LabelledGrid): void {
  for (let row = 0; row < depth * height; row++) {
    image.subarray(row * width, (row + 1) * width).reverse();
    classes.subarray(row * width, (row + 1) * width).reverse();
  }
}
