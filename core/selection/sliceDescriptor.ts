import type { Volume } from "../volume/volume.ts";
import { sliceOf } from "../volume/volume.ts";
import type { Features } from "./features.ts";

/** Cells along each side of the descriptor. */
const CELLS = 16;

/**
 * A descriptor of every slice that needs no training: the slice averaged into 16 x 16
 * cells of equal size, less the slice mean, scaled to length 1. A constant slice is all 0.
 *
 * @param image - prepared volume
 * @returns [depth, 256]
 *
 * Ours: what "a downsampled, normalised slice" says of a slice.
 */
export function sliceDescriptors(image: Volume): Features {
  const [depth, height, width] = image.shape;
  const length = CELLS * CELLS;
  const values = new Float32Array(depth * length);
  const rows = overlaps(height);
  const columns = overlaps(width);
  for (let index = 0; index < depth; index++) {
    const slice = sliceOf(image.voxels, image.shape, index);
    const cells = values.subarray(index * length, (index + 1) * length);
    for (const [row, rowCell, rowShare] of rows) {
      for (const [column, columnCell, columnShare] of columns) {
        const cell = rowCell * CELLS + columnCell;
        const value = slice[row * width + column] as number;
        cells[cell] = (cells[cell] as number) + value * rowShare * columnShare;
      }
    }
    normalise(cells);
  }
  return { count: depth, length, values };
}

/** How pixels fall into cells along one axis: [pixel, cell, share of the cell]. */
function overlaps(pixels: number): (readonly [number, number, number])[] {
  const list: (readonly [number, number, number])[] = [];
  const scale = CELLS / pixels;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = pixel * scale;
    const to = from + scale;
    for (let cell = Math.floor(from); cell < Math.min(CELLS, Math.ceil(to)); cell++) {
      const share = Math.min(to, cell + 1) - Math.max(from, cell);
      if (share > 1e-12) list.push([pixel, cell, share]);
    }
  }
  return list;
}

function normalise(cells: Float32Array): void {
  const mean = cells.reduce((sum, value) => sum + value, 0) / cells.length;
  let squares = 0;
  for (let cell = 0; cell < cells.length; cell++) {
    const value = (cells[cell] as number) - mean;
    cells[cell] = value;
    squares += value * value;
  }
  const norm = Math.sqrt(squares);
  // Rounding leaves about 1e-7 of a constant slice; that is no direction.
  const scale = norm > 1e-5 * Math.max(1, Math.abs(mean)) ? 1 / norm : 0;
  for (let cell = 0; cell < cells.length; cell++) cells[cell] = (cells[cell] as number) * scale;
}
