import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cohortTextPaths, pairFiles } from "#core/cohort/pairFiles.ts";
import type { StopSignal } from "#core/context.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import { readNifti } from "#core/formats/nifti.ts";
import type { Grid } from "#core/volume/grid.ts";
import { canonicalTurn, turnedGrid } from "#core/volume/orientation.ts";
import type { Volume } from "#core/volume/volume.ts";
import { listFolder } from "./listFolder.ts";

/** An image of a cohort that has no masks yet. */
export interface FolderImage {
  readonly id: string;
  readonly patient: string;
  /** Inside the folder. */
  readonly path: string;
  /** As stored in its file. */
  readonly grid: Grid;
  /** Axial slices. */
  readonly depth: number;
  /** Distance between axial slices, mm. */
  readonly spacingMm: number;
}

export interface ImageFolder {
  /** By id; images that cannot be read are left out. */
  readonly images: readonly FolderImage[];
  /** What was left out, in words. */
  readonly problems: readonly string[];
  /** The voxels of an image, as stored. */
  volumeOf(image: FolderImage): Promise<Volume>;
}

/**
 * The images of a folder; masks are not looked at and need not exist.
 *
 * @throws PlannerError "cohort" when no image can be read
 */
export async function openImageFolder(folder: string, signal: StopSignal): Promise<ImageFolder> {
  const files = await listFolder(folder);
  const { casesCsv } = cohortTextPaths(files);
  const { pairs } = pairFiles(files, {
    casesCsv: casesCsv === null ? undefined : await readFile(join(folder, casesCsv), "utf8"),
  });
  const read = async (path: string) => readNifti(await readFile(join(folder, path))).volume;
  const images: FolderImage[] = [];
  const problems: string[] = [];
  for (const { id, patient, image: path } of pairs) {
    signal.throwIfAborted();
    try {
      const { shape, spacing, affine } = await read(path);
      const grid = { shape, spacing, affine };
      const canonical = turnedGrid(grid, canonicalTurn(affine));
      const [depth] = canonical.shape;
      images.push({ id, patient, path, grid, depth, spacingMm: canonical.spacing[0] });
    } catch (error) {
      problems.push(`${path}: ${messageOf(error)} (left out)`);
    }
  }
  if (images.length > 0) return { images, problems, volumeOf: ({ path }) => read(path) };
  const reasons = problems.length > 0 ? problems.join("\n") : "no NIfTI image (.nii, .nii.gz)";
  throw new PlannerError("cohort", `${folder} holds no image that can be read: ${reasons}`);
}
