import type { Shape3 } from "../volume/grid.ts";

/** [height, width] of the crops a 2D network trains on, pixels. */
export type SlicePatch = readonly [height: number, width: number];
/** [depth, height, width] of what a 3D network trains on, voxels. */
export type VolumePatch = readonly [depth: number, height: number, width: number];
export type PatchSize = SlicePatch | VolumePatch;

const MULTIPLE = 16;
const LARGEST = { 2: 128, 3: 48 } as const;

/**
 * The patch a setting means on a cohort. "auto" is, for each side, the smallest multiple
 * of 16 that holds every slice (2D, at most 128) or every volume (3D, at most 48).
 *
 * @param shapes - of all volumes of the experiment, so that every trial has the same patch
 */
export function patchSizeOf(
  patch: "auto" | PatchSize,
  dimensions: 2 | 3,
  shapes: Iterable<Shape3>,
): PatchSize {
  if (patch !== "auto") return patch;
  const largest: [number, number, number] = [1, 1, 1];
  for (const shape of shapes) {
    for (const axis of [0, 1, 2] as const) largest[axis] = Math.max(largest[axis], shape[axis]);
  }
  const [depth, height, width] = largest.map((size) => roundedUp(size, LARGEST[dimensions])) as [
    number,
    number,
    number,
  ];
  return dimensions === 2 ? [height, width] : [depth, height, width];
}

/** Whether a patch has a depth. */
export function isVolumePatch(patch: PatchSize): patch is VolumePatch {
  return patch.length === 3;
}

function roundedUp(size: number, largest: number): number {
  return Math.min(largest, Math.ceil(size / MULTIPLE) * MULTIPLE);
}
