import { PlannerError } from "../../errors.ts";
import type { Scan, ScanProblem } from "../scan.ts";
import { type Contours, fillContours, isContours, readContours } from "./contours.ts";
import type { FrameDecoder } from "./frameDecoder.ts";
import { isSegmentation, readSegmentation } from "./segmentation.ts";
import { assembleSeries, type DicomVolume, type NamedDicom } from "./series.ts";

/**
 * The volumes and masks that DICOM files hold. Contours become masks on the images they were
 * drawn on, which are looked for among the files first and then among `otherImages`.
 */
export async function* dicomScans(
  files: readonly NamedDicom[],
  decoder: FrameDecoder,
  otherImages: readonly DicomVolume[],
): AsyncGenerator<Scan | ScanProblem> {
  const masks = files.filter(({ file }) => isContours(file) || isSegmentation(file));
  const { volumes, problems } = assembleSeries(files.filter((named) => !masks.includes(named)));
  for (const { severity, paths, message } of problems) {
    yield { kind: "problem", severity, path: placeOf(paths), message };
  }
  for (const image of volumes)
    yield* attempted(placeOf(image.paths), () => imageScan(image, decoder));
  for (const { path, file } of masks) {
    yield* attempted(path, async () => {
      if (isContours(file))
        return contourScan(path, readContours(file), [...volumes, ...otherImages]);
      const { volume, segments, notes } = await readSegmentation(file, decoder);
      const dataType = file.uint16("x00280100") === 1 ? "bit" : "uint8";
      return {
        kind: "scan",
        path,
        format: "DICOM SEG",
        part: null,
        volume,
        dataType,
        segments,
        notes,
      };
    });
  }
}

async function* attempted(
  path: string,
  step: () => Promise<Scan>,
): AsyncGenerator<Scan | ScanProblem> {
  try {
    yield await step();
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    yield { kind: "problem", severity: "error", path, message: error.message };
  }
}

async function imageScan(image: DicomVolume, decoder: FrameDecoder): Promise<Scan> {
  const volume = await image.read(decoder);
  const time = image.times > 1 ? `volume ${image.time + 1} of ${image.times}` : "";
  const part = [image.modality, image.description, time].filter(Boolean).join(", ") || null;
  const { dataType, notes } = image;
  return {
    kind: "scan",
    path: placeOf(image.paths),
    format: "DICOM",
    part,
    volume,
    dataType,
    segments: null,
    notes,
  };
}

function contourScan(path: string, contours: Contours, images: readonly DicomVolume[]): Scan {
  const image =
    images.find(({ series }) => contours.series.includes(series)) ??
    images.find((other) => other.frameOfReference === contours.frameOfReference);
  if (!image) {
    const series = contours.series[0] ?? "a series that it does not name";
    throw new PlannerError(
      "format",
      `contours must come with the images they were drawn on (series ${series}), got none; ` +
        "name the folder of the images too",
    );
  }
  const isOwn = contours.series.includes(image.series);
  const { volume, segments, notes } = fillContours(contours, image.grid);
  const other = "drawn on other images of the same frame of reference; filled on these";
  return {
    kind: "scan",
    path,
    format: "DICOM RTSTRUCT",
    part: null,
    volume,
    dataType: "contours",
    segments,
    notes: isOwn ? notes : [...notes, other],
  };
}

/** The file, or the folder that all files lie in. */
function placeOf(paths: readonly string[]): string {
  const [first = ""] = paths;
  if (paths.length === 1) return first;
  const parts = paths.map((path) => path.split("/").slice(0, -1));
  const shortest = Math.min(...parts.map(({ length }) => length));
  let shared = 0;
  while (shared < shortest && parts.every((own) => own[shared] === parts[0]?.[shared])) shared++;
  return (parts[0] ?? []).slice(0, shared).join("/") || ".";
}
