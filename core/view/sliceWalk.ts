import type { Shape3 } from "../volume/grid.ts";
import type { PlaneAxes } from "./planes.ts";

/**
 * How to walk over one slice of a row-major [depth, height, width] array as the screen shows
 * it: the pixel in column c and row r is the voxel `start + c * column + r * row`.
 */
export interface SliceWalk {
  readonly columns: number;
  readonly rows: number;
  readonly start: number;
  readonly column: number;
  readonly row: number;
}

export function sliceWalk(shape: Shape3, axes: PlaneAxes, slice: number): SliceWalk {
  const strides = [shape[1] * shape[2], shape[2], 1] as const;
  const { fixed, across, down, acrossFlipped, downFlipped } = axes;
  const first = (axis: 0 | 1 | 2, flipped: boolean) =>
    flipped ? (shape[axis] - 1) * strides[axis] : 0;
  return {
    columns: shape[across],
    rows: shape[down],
    start: slice * strides[fixed] + first(across, acrossFlipped) + first(down, downFlipped),
    column: acrossFlipped ? -strides[across] : strides[across],
    row: downFlipped ? -strides[down] : strides[down],
  };
}
