import type { Grid } from "../volume/grid.ts";
import type { VoxelArray } from "../volume/volume.ts";
import { type PlaneAxes, planeSize } from "./planes.ts";
import { sliceWalk } from "./sliceWalk.ts";
import { greyOf, type Window } from "./windows.ts";

/** A small picture: row-major RGBA, 4 bytes a pixel, opaque. */
export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

export interface ThumbnailSubject {
  readonly grid: Grid;
  readonly image: VoxelArray;
  /** 0 is background; null draws no mask. */
  readonly mask: VoxelArray | null;
  readonly window: Window;
}

/** Samples along each side of a pixel, averaged. */
const SAMPLES = 2;
/** The mask's colour, and its share of a pixel under it. */
const MASK = { red: 255, green: 140, blue: 0, share: 0.45 };

/**
 * A slice as a small picture in true proportions; the mask lies over it.
 *
 * @param side - length of the longer edge, pixels
 */
export function thumbnailOf(
  { grid, image, mask, window }: ThumbnailSubject,
  axes: PlaneAxes,
  slice: number,
  side: number,
): Thumbnail {
  const [across, down] = planeSize(grid, axes);
  const scale = side / Math.max(across, down);
  const width = Math.max(1, Math.round(across * scale));
  const height = Math.max(1, Math.round(down * scale));
  const walk = sliceWalk(grid.shape, axes, slice);
  const columns = samplePlaces(width, walk.columns, walk.column);
  const rows = samplePlaces(height, walk.rows, walk.row);
  const rgba = new Uint8ClampedArray(width * height * 4);
  const perPixel = SAMPLES * SAMPLES;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      let grey = 0;
      let covered = 0;
      for (let sample = 0; sample < perPixel; sample++) {
        const row = rows[y * SAMPLES + Math.floor(sample / SAMPLES)] as number;
        const at = walk.start + row + (columns[x * SAMPLES + (sample % SAMPLES)] as number);
        grey += greyOf(image[at] as number, window);
        if (mask && (mask[at] as number) > 0) covered++;
      }
      const share = (covered / perPixel) * MASK.share;
      const rest = (grey / perPixel) * (1 - share);
      rgba[to] = rest + MASK.red * share;
      rgba[to + 1] = rest + MASK.green * share;
      rgba[to + 2] = rest + MASK.blue * share;
      rgba[to + 3] = 255;
    }
  }
  return { width, height, rgba };
}

/** Offsets into the array of the samples along one edge. */
function samplePlaces(pixels: number, voxels: number, stride: number): Int32Array {
  const count = pixels * SAMPLES;
  return Int32Array.from(
    { length: count },
    (_, sample) => Math.floor(((sample + 0.5) / count) * voxels) * stride,
  );
}
