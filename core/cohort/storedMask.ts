import { PlannerError } from "../errors.ts";
import type { Grid } from "../volume/grid.ts";
import { canonicalTurn, inverseOf, turnedGrid, turnedVoxels } from "../volume/orientation.ts";
import type { Mask } from "../volume/volume.ts";

/**
 * A mask in canonical orientation as it lies on the grid that its image was stored on.
 *
 * @param stored - grid of the image as its file has it
 * @throws PlannerError "argument" when the mask is not of that image
 */
export function storedMask(mask: Mask, stored: Grid): Mask {
  const turn = canonicalTurn(stored.affine);
  const expected = turnedGrid(stored, turn).shape;
  if (expected.some((count, axis) => count !== mask.shape[axis]))
    throw new PlannerError(
      "argument",
      `mask must have the shape of its image [${expected.join(", ")}], got [${mask.shape.join(", ")}]`,
    );
  return {
    shape: stored.shape,
    classes: turnedVoxels(mask.classes, mask.shape, inverseOf(turn)),
  };
}
