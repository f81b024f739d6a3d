import { voxelCount } from "./grid.ts";
import { canonicalTurn, type Plane, type Turn, turnedGrid, turnedVolume } from "./orientation.ts";
import type { Volume } from "./volume.ts";

/**
 * A volume turned to the canonical orientation of a plane. Where axes only run backwards the
 * array of the volume is turned itself and nothing is copied: the volume must not be used
 * afterwards, only its grid.
 */
export function canonicalInPlace(volume: Volume, plane?: Plane): Volume {
  const turn = canonicalTurn(volume.affine, plane);
  if (!turn.from.every((source, axis) => source === axis)) return turnedVolume(volume, turn);
  flip(volume, turn.flipped);
  return { ...turnedGrid(volume, turn), voxels: volume.voxels };
}

/** Native `reverse` runs over whole slices or rows; rows then change places. */
function flip({ voxels, shape }: Volume, [depth, height, width]: Turn["flipped"]): void {
  const [slices, rows, columns] = shape;
  const size = rows * columns;
  if (width) {
    // Reversing a slice turns its rows as well.
    for (let at = 0; at < voxelCount(shape); at += size) voxels.subarray(at, at + size).reverse();
  }
  if (width !== height) {
    for (let slice = 0; slice < slices; slice++) {
      swapBlocks(voxels.subarray(slice * size, (slice + 1) * size), rows, columns);
    }
  }
  if (depth) swapBlocks(voxels, slices, size);
}

/** The first of equal blocks becomes the last. */
function swapBlocks(voxels: Volume["voxels"], count: number, length: number): void {
  const kept = voxels.slice(0, length);
  for (let low = 0, high = count - 1; low < high; low++, high--) {
    kept.set(voxels.subarray(low * length, (low + 1) * length));
    voxels.copyWithin(low * length, high * length, (high + 1) * length);
    voxels.set(kept, high * length);
  }
}
