import { quantile } from "../evaluation/statistics.ts";
import { writePng } from "../formats/writePng.ts";
import { canonicalTurn, canonicalVolume, turnedGrid } from "../volume/orientation.ts";
import { sliceOf, type Volume } from "../volume/volume.ts";
import type { ExportFile } from "./exportFile.ts";
import type { WorklistCase } from "./worklist.ts";

/** A slice as an image for tools that know no volumes. */
export interface SliceImage {
  /** `slices/case__k0123.png`; k counts axial slices from the most inferior, from 0. */
  readonly path: string;
  readonly case: string;
  readonly depth: number;
  readonly priority: number;
  readonly reason: string;
  readonly height: number;
  readonly width: number;
}

/** Names and sizes of a case's slice images, by depth; no pixels. */
export function sliceImagesOf({ id, fileName, slices, grid }: WorklistCase): SliceImage[] {
  const { shape } = turnedGrid(grid, canonicalTurn(grid.affine));
  return slices.map(({ depth, priority, reason }) => ({
    path: `slices/${fileName}__k${String(depth).padStart(4, "0")}.png`,
    case: id,
    depth,
    priority,
    reason,
    height: shape[1],
    width: shape[2],
  }));
}

/**
 * The slices of a case as 8-bit PNG files, seen as radiologists do: anterior up, the
 * patient's right on the left. Grey values run from the volume's 1st to its 99th percentile.
 *
 * @param volume - as stored in the case's file
 */
export function renderSlices(one: WorklistCase, volume: Volume): ExportFile[] {
  const canonical = canonicalVolume(volume);
  const [low, high] = windowOf(volume);
  const scale = high > low ? 255 / (high - low) : 0;
  return sliceImagesOf(one).map(({ path, depth, height, width }) => {
    const slice = sliceOf(canonical.voxels, canonical.shape, depth);
    const grey = new Uint8Array(height * width);
    for (let index = 0; index < grey.length; index++) {
      const value = ((slice[index] as number) - low) * scale;
      // Canonical rows run to anterior and columns to the right: both are turned round, and
      // with both the whole slice is read from its end.
      grey[grey.length - 1 - index] = Math.min(255, Math.max(0, Math.round(value)));
    }
    return { path, content: writePng(grey, height, width) };
  });
}

/** Every so manieth voxel is enough for percentiles. */
const MOST_SAMPLES = 100_000;

function windowOf({ voxels }: Volume): readonly [number, number] {
  const step = Math.max(1, Math.floor(voxels.length / MOST_SAMPLES));
  const samples: number[] = [];
  for (let index = 0; index < voxels.length; index += step) {
    const value = voxels[index] as number;
    if (Number.isFinite(value)) samples.push(value);
  }
  if (samples.length === 0) return [0, 0];
  samples.sort((a, b) => a - b);
  return [quantile(samples, 0.01), quantile(samples, 0.99)];
}
