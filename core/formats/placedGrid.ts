import { PlannerError } from "../errors.ts";
import { determinantOf, spacingOf } from "../volume/affine.ts";
import type { Affine, Grid, Shape3 } from "../volume/grid.ts";

/** A vector in the world. */
export type Vector3 = readonly [number, number, number];

/** Directions of a world that runs to the left and back instead of right and front. */
export const LPS: Vector3 = [-1, -1, 1];

/**
 * A grid from the steps between voxels in the world, as text headers give them.
 *
 * @param format - named in errors
 * @param steps - mm along i (width), j (height), k (depth)
 * @param origin - mm, centre of voxel (0, 0, 0)
 * @param signs - what turns the file's x, y, z into right, anterior, superior
 * @throws PlannerError "format" when a number is not finite, a voxel has no volume or its
 *   edges are not within 1e-6 to 1e6 mm
 */
export function placedGrid(
  format: string,
  shape: Shape3,
  steps: readonly [Vector3, Vector3, Vector3],
  origin: Vector3,
  signs: Vector3,
): Grid {
  const affine = ([0, 1, 2] as const).flatMap((world) =>
    // 0 + turns -0 into 0.
    [...steps, origin].map((vector) => 0 + signs[world] * vector[world]),
  ) as unknown as Affine;
  if (!affine.every(Number.isFinite)) {
    throw new PlannerError(
      "format",
      `${format} header: directions and origin must be finite numbers, got [${affine.join(", ")}]`,
    );
  }
  const spacing = spacingOf(affine);
  const box = spacing[0] * spacing[1] * spacing[2];
  const isSized = spacing.every((mm) => mm >= 1e-6 && mm <= 1e6);
  if (!isSized || Math.abs(determinantOf(affine)) < 1e-4 * box) {
    throw new PlannerError(
      "format",
      `${format} header: directions must give voxels a volume, got [${affine.join(", ")}]`,
    );
  }
  return { shape, spacing, affine };
}
