import { PlannerError } from "../errors.ts";
import { isContours, readContours } from "./dicom/contours.ts";
import { readDicomFile } from "./dicom/dataSet.ts";
import { dicomScans } from "./dicom/dicomScans.ts";
import type { FrameDecoder } from "./dicom/frameDecoder.ts";
import { isSegmentation } from "./dicom/segmentation.ts";
import { assembleSeries, type DicomVolume, type NamedDicom } from "./dicom/series.ts";
import { fileScans } from "./fileScans.ts";
import type { Scan, ScanFile, ScanProblem } from "./scan.ts";
import { isSystemFile, type ScanKind, scanKindOf } from "./scanKind.ts";

/** What `readScans` needs beside files. */
export interface ScanOptions {
  readonly decoder: FrameDecoder;
  /** Images that contours may have been drawn on, beside those among the files. */
  readonly otherImages?: readonly DicomVolume[];
}

/**
 * Every volume that files hold, one after the other, and a problem for each file that cannot
 * be read. The files of a DICOM series are put together; a file with several volumes gives
 * each of them. Files that no reader knows are passed over unless someone named them.
 */
export async function* readScans(
  files: readonly ScanFile[],
  { decoder, otherImages = [] }: ScanOptions,
): AsyncGenerator<Scan | ScanProblem> {
  const dicom: NamedDicom[] = [];
  for (const file of files) {
    if (isSystemFile(file.path) && !file.named) continue;
    const kind = scanKindOf(file.path, await file.head());
    if (kind === "dicom") yield* opened(file, dicom);
    else yield* otherScans(file, kind);
  }
  yield* dicomScans(dicom, decoder, otherImages);
}

/** The image volumes among DICOM files, without decoding them. */
export async function dicomImages(files: readonly ScanFile[]): Promise<DicomVolume[]> {
  const dicom: NamedDicom[] = [];
  for (const file of files) {
    if (scanKindOf(file.path, await file.head()) !== "dicom") continue;
    for await (const _ of opened(file, dicom));
  }
  const images = dicom.filter(({ file }) => !isContours(file) && !isSegmentation(file));
  return assembleSeries(images).volumes;
}

/** Whether a file draws contours, which need the images that they were drawn on. */
export async function needsImages(file: ScanFile): Promise<boolean> {
  if (scanKindOf(file.path, await file.head()) !== "dicom") return false;
  try {
    const opened = readDicomFile(await file.bytes());
    return isContours(opened) && readContours(opened).series.length > 0;
  } catch (error) {
    if (error instanceof PlannerError) return false;
    throw error;
  }
}

async function* opened(file: ScanFile, into: NamedDicom[]): AsyncGenerator<ScanProblem> {
  yield* attempted<never>(file, async () => {
    into.push({ path: file.path, file: readDicomFile(await file.bytes()) });
    return [];
  });
}

async function* otherScans(file: ScanFile, kind: ScanKind): AsyncGenerator<Scan | ScanProblem> {
  if (kind === null || kind === "dicom" || kind === "data") {
    if (!file.named) return;
    const message =
      kind === "data"
        ? "file must have a header that says what it holds (.hdr, .nhdr, .mhd); name that file"
        : "file must be NIfTI, NRRD, MetaImage or DICOM, got something else";
    yield { kind: "problem", severity: "error", path: file.path, message };
    return;
  }
  yield* attempted(file, () => fileScans(file, kind));
}

/** Turns what a step throws on purpose into a problem of its file. */
async function* attempted<S extends Scan>(
  file: ScanFile,
  step: () => Promise<Iterable<S>>,
): AsyncGenerator<S | ScanProblem> {
  try {
    yield* await step();
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    yield { kind: "problem", severity: "error", path: file.path, message: error.message };
  }
}
