import type { Mask } from "../volume/volume.ts";

/** Per slice whether any voxel of it is of a target class (not background, not unannotated). */
export function targetSlices({ shape, classes }: Mask): boolean[] {
  const [depth, height, width] = shape;
  const size = height * width;
  return Array.from({ length: depth }, (_, index) => {
    for (let at = index * size; at < (index + 1) * size; at++) {
      const value = classes[at] as number;
      if (value > 0 && value < 255) return true;
    }
    return false;
  });
}
