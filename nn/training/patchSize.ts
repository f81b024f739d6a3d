import type { Shape3 } from "#core/volume/grid.ts";

/** [height, width] of the crops a 2D network trains on, pixels. */
export type PatchSize = readonly [height: number, width: number];

const MULTIPLE = 16;
const LARGEST = 128;

/**
 * The patch a setting means on a cohort. "auto" is, for each side, the smallest multiple
 * of 16 that holds every slice, at most 128.
 *
 * @param shapes - of all volumes of the experiment, so that every trial has the same patch
 */
export function patchSizeOf(patch: "auto" | PatchSize, shapes: Iterable<Shape3>): PatchSize {
  if (patch !== "auto") return patch;
  let tallest = 1;
  let widest = 1;
  for (const [, height, width] of shapes) {
    tallest = Math.max(tallest, height);
    widest = Math.max(widest, width);
  }
  return [roundedUp(tallest), roundedUp(widest)];
}

function roundedUp(size: number): number {
  return Math.min(LARGEST, Math.ceil(size / MULTIPLE) * MULTIPLE);
}
