import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "fflate";
import { storedMask } from "#core/cohort/storedMask.ts";
import { readVolume, volumeEnding } from "#core/formats/readVolume.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import type { Example } from "#core/selection/annotate.ts";
import type { Grid } from "#core/volume/grid.ts";
import { canonicalTurn, turnedGrid } from "#core/volume/orientation.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";

/**
 * Writes a filled mask in the labels of the cohort: on the grid that its image was stored on,
 * or on that it was prepared on where preprocessing or DICOM gave it another.
 */
export async function saveFilledMask(
  folder: string,
  filled: Example,
  labels: readonly number[],
  imagePath: string,
): Promise<void> {
  const stored = await storedGrid(imagePath, filled);
  const mask = stored ? storedMask(filled.known, stored) : filled.known;
  const classes = mask.classes.map((value) =>
    value === 0 || value === UNANNOTATED ? value : (labels[value - 1] ?? 0),
  );
  const bytes = gzipSync(writeNifti({ shape: mask.shape, classes }, stored ?? filled.image));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${filled.id.replaceAll("/", "_")}.nii.gz`), bytes);
}

async function storedGrid(path: string, { known }: Example): Promise<Grid | null> {
  if (!volumeEnding.test(path)) return null;
  const { volume } = readVolume(new Uint8Array(await readFile(path)));
  const { shape } = turnedGrid(volume, canonicalTurn(volume.affine));
  return shape.every((count, axis) => count === known.shape[axis]) ? volume : null;
}
