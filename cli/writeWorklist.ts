import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StopSignal } from "#core/context.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import { worklistCsv } from "#core/worklist/csv.ts";
import { cvat } from "#core/worklist/cvat.ts";
import { type ExportFile, jsonText } from "#core/worklist/exportFile.ts";
import { itkSnap } from "#core/worklist/itkSnap.ts";
import { labelStudio } from "#core/worklist/labelStudio.ts";
import { monaiLabel } from "#core/worklist/monaiLabel.ts";
import { nnunetSkeleton } from "#core/worklist/nnunetSkeleton.ts";
import { renderSlices } from "#core/worklist/sliceImages.ts";
import { slicerMarkups } from "#core/worklist/slicerMarkups.ts";
import type { Worklist, WorklistCase } from "#core/worklist/worklist.ts";
import type { ImageFolder } from "./imageFolder.ts";

/** What a worklist is written for besides the table, each into a folder of its name. */
export const worklistFormats = [
  "nnunet",
  "slicer",
  "itksnap",
  "cvat",
  "labelstudio",
  "monailabel",
] as const;
export type WorklistFormat = (typeof worklistFormats)[number];

const exporters: Record<WorklistFormat, (worklist: Worklist) => ExportFile[]> = {
  nnunet: nnunetSkeleton,
  slicer: slicerMarkups,
  itksnap: itkSnap,
  cvat,
  labelstudio: (worklist) => labelStudio(worklist),
  monailabel: monaiLabel,
};

/** Tools that see images of slices, not volumes. */
const needsImages: readonly WorklistFormat[] = ["cvat", "labelstudio"];

interface Writing {
  readonly formats: readonly WorklistFormat[];
  /** What `plan.json` holds. */
  readonly plan: object;
  readonly say: (text: string) => void;
  readonly signal: StopSignal;
}

/**
 * Writes a worklist into a new or empty folder.
 *
 * @returns files written
 * @throws PlannerError "storage" when the folder holds something or cannot be written
 */
export async function writeWorklist(
  folder: string,
  worklist: Worklist,
  images: ImageFolder,
  { formats, plan, say, signal }: Writing,
): Promise<number> {
  await requireEmpty(folder);
  let written = 0;
  const write = async ({ path, content }: ExportFile) => {
    signal.throwIfAborted();
    await stored(join(folder, path), content);
    written++;
  };
  for (const format of formats) {
    const files = exported(format, worklist, say);
    for (const file of files) await write({ ...file, path: `${format}/${file.path}` });
  }
  const pictured = formats.filter((format) => needsImages.includes(format));
  for (const one of pictured.length > 0 ? worklist.cases : []) {
    for (const file of await renderedSlices(one, images)) {
      for (const format of pictured) await write({ ...file, path: `${format}/${file.path}` });
    }
  }
  for (const file of worklistCsv(worklist)) await write(file);
  // Last: a folder with a plan is a whole one.
  await write({ path: "plan.json", content: jsonText(plan) });
  return written;
}

async function renderedSlices(one: WorklistCase, folder: ImageFolder): Promise<ExportFile[]> {
  const image = folder.images.find(({ id }) => id === one.id);
  return image ? renderSlices(one, await folder.volumeOf(image)) : [];
}

/** A format that cannot hold this cohort says so; the others are written all the same. */
function exported(
  format: WorklistFormat,
  worklist: Worklist,
  say: (text: string) => void,
): ExportFile[] {
  try {
    return exporters[format](worklist);
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    say(`nothing is written for ${format}: ${error.message}`);
    return [];
  }
}

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new PlannerError(
      "storage",
      `${folder} cannot be read as a folder (${messageOf(error)}); choose another output folder`,
      { cause: error },
    );
  });
  if (names.length > 0) {
    throw new PlannerError(
      "storage",
      `${folder} must be empty or new, it holds ${names.length} files; choose another output folder`,
    );
  }
}

async function stored(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  } catch (error) {
    throw new PlannerError(
      "storage",
      `${path} could not be written (${messageOf(error)}); check the folder and the free space`,
      { cause: error },
    );
  }
}
