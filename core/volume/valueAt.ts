import { inverseOf } from "./affine.ts";
import { worldOf } from "./grid.ts";
import type { Volume } from "./volume.ts";

/** The voxel nearest to a place, and what it holds. */
export interface ValueAt {
  /** [depth, height, width]; null outside the volume. */
  readonly voxel: readonly [number, number, number] | null;
  /** null outside the volume */
  readonly value: number | null;
}

/**
 * The value of the voxel nearest to a place in the world (RAS+, mm). A place is inside where
 * -1/2 <= c < n - 1/2 along every axis.
 */
export function valueAt(volume: Volume, world: readonly [number, number, number]): ValueAt {
  const [x, y, z] = world;
  // The inverse affine takes (x, y, z) where `worldOf` names (width, height, depth).
  const [w, h, d] = worldOf(inverseOf(volume.affine), z, y, x);
  const voxel = [d, h, w].map((place) => Math.floor(place + 0.5)) as [number, number, number];
  const { shape, voxels } = volume;
  const isInside = voxel.every((at, axis) => at >= 0 && at < (shape[axis] as number));
  if (!isInside) return { voxel: null, value: null };
  const index = (voxel[0] * shape[1] + voxel[1]) * shape[2] + voxel[2];
  return { voxel, value: voxels[index] as number };
}
