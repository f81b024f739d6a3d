import { type Grid, worldOf } from "../volume/grid.ts";
import { canonicalTurn, turnedGrid } from "../volume/orientation.ts";
import { resampleNearest } from "../volume/resample.ts";
import { valueAt } from "../volume/valueAt.ts";
import type { Volume } from "../volume/volume.ts";

/** A mask taken to the grid of its image, and what a reader should know of it. */
export interface ResampledLabels {
  readonly voxels: Volume["voxels"];
  readonly warning: string;
}

/** Share of the mask's foreground that must lie inside the image. */
const MIN_INSIDE = 0.99;

/**
 * Labels on another grid than their image's, by the nearest voxel; where the mask does not
 * reach is background.
 *
 * @param image - on canonical axes
 * @returns null when the overlap is wrong: the mask does not lie in its image, has its shape
 *   in another place, or starts where it starts with voxels alike but another number of them.
 *   Then it is of another scan or has a wrong header
 */
export function resampleLabels(mask: Volume, image: Grid): ResampledLabels | null {
  if (mask.shape.every((count, axis) => count === image.shape[axis])) return null;
  if (startsAlike(turnedGrid(mask, canonicalTurn(mask.affine)), image)) return null;
  const probe = { ...image, voxels: new Uint8Array(0) };
  const [, height, width] = mask.shape;
  let foreground = 0;
  let inside = 0;
  for (let index = 0; index < mask.voxels.length; index++) {
    if (mask.voxels[index] === 0) continue;
    foreground++;
    const row = Math.floor(index / width);
    const world = worldOf(mask.affine, Math.floor(row / height), row % height, index % width);
    if (valueAt(probe, world).voxel) inside++;
  }
  if (foreground === 0 || inside < MIN_INSIDE * foreground) return null;
  const { voxels } = resampleNearest(mask, image);
  const from = `${mask.shape.toReversed().join(" x ")} voxels`;
  const lost = foreground - inside;
  const warning =
    `mask lay on another grid (${from}) and was resampled to its image by the nearest voxel` +
    (lost > 0 ? `; ${lost} of its ${foreground} foreground voxels lie outside the image` : "");
  return { voxels, warning };
}

/** Whether voxels are alike and the first lie within a voxel of each other. */
function startsAlike(a: Grid, b: Grid): boolean {
  const smallest = Math.min(...b.spacing);
  return a.affine.every((value, index) => {
    const tolerance = index % 4 === 3 ? smallest : 0.01 * smallest;
    return Math.abs(value - (b.affine[index] as number)) < tolerance;
  });
}
