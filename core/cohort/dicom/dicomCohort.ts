import type { StopSignal } from "../../context.ts";
import { PlannerError } from "../../errors.ts";
import { fillContours, readContours } from "../../formats/dicom/contours.ts";
import { readDicomFile } from "../../formats/dicom/dataSet.ts";
import type { FrameDecoder } from "../../formats/dicom/frameDecoder.ts";
import { type LabelledMask, readSegmentation } from "../../formats/dicom/segmentation.ts";
import { assembleSeries, type DicomVolume, type NamedDicom } from "../../formats/dicom/series.ts";
import type { VolumeFile } from "../../formats/readVolume.ts";
import type { Pair, PairingChoices, Problem } from "../cohort.ts";
import type { Folder } from "../folder.ts";
import { grouped } from "../grouped.ts";
import { commonLabels, withCommonLabels } from "./commonLabels.ts";
import { type DicomEntry, type DicomFiles, headOf, listDicom } from "./dicomFiles.ts";
import { dicomPairs } from "./dicomPairs.ts";
import { type DicomImage, type DicomMask, dicomPatient } from "./dicomPatient.ts";
import { patientPseudonyms, shortHash } from "./pseudonyms.ts";

/** The DICOM part of a cohort. Everything in it that is kept names nobody. */
export interface DicomCohort {
  readonly pairs: readonly Pair[];
  readonly problems: readonly Problem[];
  readonly choices: PairingChoices;
  readonly labelNames: Readonly<Record<number, string>>;
  /** Where a ref lies in the folder: shown while the folder is open, never kept. */
  readonly places: ReadonlyMap<string, string>;
  readonly identifiers: ReadonlySet<string>;
  /** Files of a ref; null when it is none of this cohort's. */
  filesOf(ref: string): readonly string[] | null;
  /**
   * @param image - the case's image, which contours are filled on
   * @throws PlannerError "format" when it cannot be read
   */
  open(ref: string, image: VolumeFile | null): Promise<VolumeFile>;
}

/**
 * The images and masks of a folder's DICOM files, by patient; null when it holds none. Only
 * the beginnings of files are read, of one patient at a time.
 */
export async function dicomCohort(
  folder: Folder,
  decoder: () => Promise<FrameDecoder>,
  signal: StopSignal,
  looked: (done: number, total: number) => void,
): Promise<DicomCohort | null> {
  const files = await listDicom(folder, signal, looked);
  if (files.entries.length === 0 && files.broken.length === 0) return null;
  const names = patientPseudonyms(files.entries.map(({ patient }) => patient));
  const pairs: Pair[] = [];
  const problems: Problem[] = [];
  const images = new Map<string, DicomImage>();
  const masks = new Map<string, DicomMask>();
  const places = new Map<string, string>();
  for (const [id, entries] of grouped(files.entries, ({ patient }) => patient)) {
    signal.throwIfAborted();
    const patient = names.get(id) as string;
    const found = dicomPatient(
      patient,
      await headsOf(folder, entries, "image"),
      await headsOf(folder, entries, "mask"),
    );
    const own = dicomPairs(patient, found);
    pairs.push(...own.pairs);
    problems.push(...found.problems, ...own.problems);
    for (const image of found.images) images.set(image.ref, image);
    for (const mask of found.masks) masks.set(mask.ref, { ...mask, instances: new Set() });
    for (const [ref, path] of found.places) places.set(ref, path);
  }
  problems.push(...brokenProblems(files, places));
  const labels = commonLabels([...masks.values()], files.identifiers);
  return {
    pairs: pairs.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    problems,
    choices: { images: [...images.keys()].sort(), masks: [...masks.keys()].sort() },
    labelNames: labels.names,
    places,
    identifiers: files.identifiers,
    filesOf: (ref) =>
      images.get(ref)?.paths ?? (masks.has(ref) ? [masks.get(ref)?.path ?? ""] : null),
    open: async (ref, image) => {
      const found = images.get(ref);
      if (found) return openImage(folder, found, await decoder());
      const mask = masks.get(ref);
      if (!mask) throw new PlannerError("format", `${ref} is not among the files`);
      const opened = await openMask(folder, mask, image, decoder);
      return withCommonLabels(opened, labels.labelsOf(mask));
    },
  };
}

async function headsOf(
  folder: Folder,
  entries: readonly DicomEntry[],
  role: DicomEntry["role"],
): Promise<NamedDicom[]> {
  const heads: NamedDicom[] = [];
  for (const entry of entries) {
    if (entry.role !== role) continue;
    const file = await headOf(folder, entry);
    if (file) heads.push({ path: entry.path, file });
  }
  return heads;
}

function brokenProblems({ broken, others }: DicomFiles, places: Map<string, string>): Problem[] {
  const problems = broken.map(({ path, message }): Problem => {
    const ref = `file-${shortHash(path)}`;
    places.set(ref, path);
    return { severity: "error", message, paths: [ref] };
  });
  if (others === 0) return problems;
  const message = `${others} DICOM files hold neither images nor masks and are passed over`;
  return [...problems, { severity: "warning", message, paths: [] }];
}

async function openImage(
  folder: Folder,
  { paths, grid, time }: DicomImage,
  decoder: FrameDecoder,
): Promise<VolumeFile> {
  const files: NamedDicom[] = [];
  for (const path of paths) files.push({ path, file: readDicomFile(await folder.read(path)) });
  const { volumes, problems } = assembleSeries(files);
  const same = volumes.filter((volume) => isSameGrid(volume, grid));
  const found = same[Math.min(time, same.length - 1)];
  if (!found) {
    const why = problems[0]?.message ?? "its files were changed while they were read";
    throw new PlannerError("format", why);
  }
  const { dataType, notes, isPlaced } = found;
  return { volume: await found.read(decoder), dataType, isPlaced, frames: 1, notes };
}

function isSameGrid({ grid }: DicomVolume, { shape, affine }: DicomImage["grid"]): boolean {
  return (
    grid.shape.every((count, axis) => count === shape[axis]) &&
    grid.affine.every((value, index) => Math.abs(value - (affine[index] as number)) < 1e-6)
  );
}

async function openMask(
  folder: Folder,
  { path, isContours }: DicomMask,
  image: VolumeFile | null,
  decoder: () => Promise<FrameDecoder>,
): Promise<{ readonly file: VolumeFile; readonly segments: LabelledMask["segments"] }> {
  const file = readDicomFile(await folder.read(path));
  if (!isContours) {
    const { volume, segments, notes } = await readSegmentation(file, await decoder());
    const dataType = file.uint16("x00280100") === 1 ? "bit" : "uint8";
    const opened = { volume, dataType, isPlaced: true, frames: 1, notes, isSparse: true } as const;
    return { file: opened, segments };
  }
  if (!image) throw new PlannerError("format", "contours must have an image to be filled on");
  const { volume, segments, notes } = fillContours(readContours(file), image.volume);
  const opened = { volume, dataType: "contours", isPlaced: image.isPlaced, frames: 1, notes };
  return { file: opened, segments };
}
