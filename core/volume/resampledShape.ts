import { PlannerError } from "../errors.ts";
import { spacingOf, stepOf } from "./affine.ts";
import { type Affine, type Grid, type Shape3, type Spacing3, worldOf } from "./grid.ts";

/**
 * Voxel counts a grid has after resampling to another spacing.
 *
 *     newShape[a] = max(1, round(shape[a] * spacing[a] / targetSpacing[a]))
 *
 * Halves round up; NumPy and Python round halves to even.
 *
 * @param shape - [depth, height, width], voxels
 * @param spacing - of the grid, mm, same axis order
 * @param targetSpacing - wanted, mm, same axis order
 * @returns [depth, height, width], voxels, each at least 1
 * @throws PlannerError "argument" when a spacing is not a positive finite number
 *
 * Source: the rule of nnU-Net v2 (Isensee et al. 2021, doi:10.1038/s41592-020-01008-z); the
 * floor of 1 is ours.
 */
export function resampledShape(shape: Shape3, spacing: Spacing3, targetSpacing: Spacing3): Shape3 {
  requirePositive("spacing", spacing);
  requirePositive("targetSpacing", targetSpacing);
  const along = (axis: 0 | 1 | 2) =>
    Math.max(1, Math.round((shape[axis] * spacing[axis]) / targetSpacing[axis]));
  return [along(0), along(1), along(2)];
}

/**
 * The grid of `targetSpacing` over the same box: axes keep their directions, and the outer
 * faces of the first voxels coincide.
 *
 * @throws PlannerError "argument" as `resampledShape`
 */
export function resampledGrid(grid: Grid, targetSpacing: Spacing3): Grid {
  const shape = resampledShape(grid.shape, grid.spacing, targetSpacing);
  const ratio = (axis: 0 | 1 | 2) => targetSpacing[axis] / grid.spacing[axis];
  const first = (axis: 0 | 1 | 2) => (ratio(axis) - 1) / 2;
  const origin = worldOf(grid.affine, first(0), first(1), first(2));
  const steps = ([0, 1, 2] as const).map((column) => {
    const scale = ratio((2 - column) as 0 | 1 | 2);
    return stepOf(grid.affine, column).map((mm) => mm * scale);
  });
  const affine = ([0, 1, 2] as const).flatMap((world) => [
    ...steps.map((step) => step[world]),
    origin[world],
  ]) as unknown as Affine;
  return { shape, spacing: spacingOf(affine), affine };
}

function requirePositive(name: string, spacing: Spacing3): void {
  if (spacing.every((mm) => Number.isFinite(mm) && mm > 0)) return;
  throw new PlannerError(
    "argument",
    `${name} must be three positive numbers in mm, got [${spacing.join(", ")}]`,
  );
}
