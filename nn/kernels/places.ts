import { extents } from "../plan/graph.ts";

/** The three spatial axes of a channels-last shape; 2D has depth 1. */
export type Triple = readonly [depth: number, height: number, width: number];

/** What the plain loops need to know about a shape. */
export interface Layout {
  readonly batch: number;
  readonly size: Triple;
  readonly channels: number;
  /** Index of the first channel of a place. */
  at(sample: number, d: number, h: number, w: number): number;
}

/** Row-major layout of a [batch, ..spatial, channels] shape. */
export function layoutOf(shape: readonly number[]): Layout {
  const { batch, depth, height, width, channels } = extents(shape);
  return {
    batch,
    size: [depth, height, width],
    channels,
    at: (sample, d, h, w) => (((sample * depth + d) * height + h) * width + w) * channels,
  };
}

/** `size` along every spatial axis of a shape of this rank; 1 along the depth that 2D lacks. */
export const windowOf = (rank: number, size: number): Triple =>
  rank === 5 ? [size, size, size] : [1, size, size];

/** Calls `visit` for every place of a box, row-major. */
export function eachPlace(
  size: Triple,
  visit: (d: number, h: number, w: number, index: number) => void,
): void {
  let index = 0;
  for (let d = 0; d < size[0]; d++)
    for (let h = 0; h < size[1]; h++) for (let w = 0; w < size[2]; w++) visit(d, h, w, index++);
}
