import { inverseOf } from "../volume/affine.ts";
import { type Grid, worldOf } from "../volume/grid.ts";
import { canonicalTurn, type Plane, turnedGrid } from "../volume/orientation.ts";
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
 * @param isSparse - places that the mask does not reach are background by its format
 * @returns null when the overlap is wrong: the mask does not lie in its image, has its shape
 *   in another place, or starts where it starts with voxels alike but another number of them.
 *   Then it is of another scan or has a wrong header
 */
export function resampleLabels(
  mask: Volume,
  image: Grid,
  { isSparse = false, plane }: { isSparse?: boolean; plane?: Plane | undefined } = {},
): ResampledLabels | null {
  const own = turnedGrid(mask, canonicalTurn(mask.affine, plane));
  if (!isSparse) {
    if (mask.shape.every((count, axis) => count === image.shape[axis])) return null;
    if (startsAlike(own, image)) return null;
  }
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
    (isSparse && liesBetween(own, image)
      ? `mask covers ${from} of its image; the rest counts as background`
      : `mask lay on another grid (${from}) and was resampled to its image by the nearest voxel`) +
    (lost > 0 ? `; ${lost} of its ${foreground} foreground voxels lie outside the image` : "");
  return { voxels, warning };
}

/** Whether every voxel of `part` is one of `whole`, to a hundredth of a voxel. */
function liesBetween(part: Grid, whole: Grid): boolean {
  const toWhole = inverseOf(whole.affine);
  const near = (place: readonly number[]) =>
    place.every((value) => Math.abs(value - Math.round(value)) < 0.01);
  const [depth, height, width] = part.shape;
  const corners = [0, depth - 1].flatMap((d) =>
    [0, height - 1].flatMap((h) => [0, width - 1].map((w) => worldOf(part.affine, d, h, w))),
  );
  const isStepped = part.spacing.every(
    (mm, axis) => Math.abs(mm / (whole.spacing[axis] as number) - 1) < 1e-3,
  );
  return isStepped && corners.every(([x, y, z]) => near(worldOf(toWhole, z, y, x)));
}

/** Whether voxels are alike and the first lie within a voxel of each other. */
function startsAlike(a: Grid, b: Grid): boolean {
  const smallest = Math.min(...b.spacing);
  return a.affine.every((value, index) => {
    const tolerance = index % 4 === 3 ? smallest : 0.01 * smallest;
    return Math.abs(value - (b.affine[index] as number)) < tolerance;
  });
}
