/**
 * Axis order and units, defined here only.
 *
 * Arrays are row-major [depth, height, width]; depth is the slice axis. NIfTI stores x
 * fastest, so a NIfTI array is already in this order.
 */

/** [depth, height, width], voxels. */
export type Shape3 = readonly [depth: number, height: number, width: number];

/** [depth, height, width], mm. */
export type Spacing3 = readonly [depth: number, height: number, width: number];

/**
 * Voxel to RAS+ world (mm), the three upper rows of the 4x4 matrix, row-major:
 *
 *     x = a[0] i + a[1] j + a[2]  k + a[3]
 *     y = a[4] i + a[5] j + a[6]  k + a[7]
 *     z = a[8] i + a[9] j + a[10] k + a[11]
 *
 * with i along width, j along height, k along depth.
 */
export type Affine = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** A regular grid in space. */
export interface Grid {
  readonly shape: Shape3;
  readonly spacing: Spacing3;
  readonly affine: Affine;
}

/** Voxels of a shape. */
export function voxelCount(shape: Shape3): number {
  return shape[0] * shape[1] * shape[2];
}

/** RAS+ world position (mm) of a voxel (may be fractional). */
export function worldOf(
  affine: Affine,
  depth: number,
  height: number,
  width: number,
): readonly [number, number, number] {
  const row = (r: 0 | 4 | 8) =>
    (affine[r] as number) * width +
    (affine[r + 1] as number) * height +
    (affine[r + 2] as number) * depth +
    (affine[r + 3] as number);
  return [row(0), row(4), row(8)];
}
