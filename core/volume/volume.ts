import { PlannerError } from "../errors.ts";
import type { Grid, Shape3 } from "./grid.ts";

/** Voxel values as stored or prepared. */
export type VoxelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** One 3D scan on a regular grid; `voxels` is row-major [depth, height, width]. */
export interface Volume extends Grid {
  readonly voxels: VoxelArray;
}

/** Class of a voxel nobody annotated; it takes part in no loss and no score. */
export const UNANNOTATED = 255;

/**
 * Reference or predicted classes on a volume's grid: 0 background, 1.. target classes,
 * 255 unannotated. `classes` is row-major [depth, height, width].
 */
export interface Mask {
  readonly shape: Shape3;
  readonly classes: Uint8Array;
}

/** A volume with its reference mask, ready for trials. */
export interface Case {
  /** Unique in its cohort. */
  readonly id: string;
  /** Cases of one patient never stand on both sides of a split. */
  readonly patient: string;
  /** Prepared image: intensities as the network sees them. */
  readonly image: Volume & { readonly voxels: Float32Array };
  readonly mask: Mask;
}

/** One slice of a row-major [depth, height, width] array: a view, no copy. */
export function sliceOf<A extends VoxelArray>(voxels: A, shape: Shape3, depthIndex: number): A {
  const [depth, height, width] = shape;
  if (!Number.isInteger(depthIndex) || depthIndex < 0 || depthIndex >= depth) {
    throw new PlannerError(
      "argument",
      `slice index must be an integer in 0..${depth - 1}, got ${depthIndex}`,
    );
  }
  const size = height * width;
  return voxels.subarray(depthIndex * size, (depthIndex + 1) * size) as A;
}
