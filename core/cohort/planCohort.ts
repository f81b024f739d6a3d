import { strFromU8 } from "fflate";
import type { StopSignal } from "../context.ts";
import { messageOf, PlannerError } from "../errors.ts";
import type { FrameDecoder } from "../formats/dicom/frameDecoder.ts";
import { openVolume } from "../formats/openVolume.ts";
import type { VolumeFile } from "../formats/readVolume.ts";
import { hashText } from "../hash.ts";
import { applySettings } from "./applySettings.ts";
import type { ListedFile, Pair, Pairing, Problem } from "./cohort.ts";
import type { DicomCohort } from "./dicom/dicomCohort.ts";
import { type Folder, siblingOf } from "./folder.ts";
import { mayBeDicom } from "./mayBeDicom.ts";
import { type CohortTexts, cohortTextPaths, pairFiles } from "./pairFiles.ts";
import { type CaseReading, type OpenedVolume, readCase } from "./readCase.ts";
import { type CohortSettings, noSettings, settingsOfText } from "./settings.ts";
import { unreadCase } from "./unreadCase.ts";

/** Raised when the same files are read to other voxels or summaries. */
const READER_VERSION = 1;

/** A folder as it will be read. */
export interface CohortPlan {
  readonly pairing: Pairing;
  readonly settings: CohortSettings;
  /** Of the folder, where its own name would say who is in it. */
  readonly name: string;
  /** Names that stand for files, and where those lie; shown, never kept. */
  readonly places: ReadonlyMap<string, string>;
  /**
   * A hash of everything that decides what reading a pair gives, as far as files tell; null
   * where nobody knows when they were changed.
   */
  sourceOf(pair: Pair): string | null;
  /** Reads a case; what goes wrong is a problem of its summary. */
  read(pair: Pair): Promise<CaseReading>;
}

/** What planning needs beside files. */
export interface PlanContext {
  /** Decodes compressed DICOM pixels; asked for when the first are met. */
  readonly decoder: () => Promise<FrameDecoder>;
  readonly signal: StopSignal;
  /** Told while files are looked at, which takes time with DICOM alone. */
  looked(done: number, total: number): void;
}

/**
 * Finds out what a folder holds: its layout, pairs, patients; DICOM files by their heads, all
 * others by their names. What was chosen by hand wins over what was recognised.
 *
 * @param chosen - settings; absent: those of the folder's `cohort.json`, if it has one
 * @throws PlannerError "cohort" when no image is among the files, saying what is
 */
export async function planCohort(
  folder: Folder,
  name: string,
  chosen: CohortSettings | null,
  context: PlanContext,
): Promise<CohortPlan> {
  const { texts, settings: ownSettings, problems } = await readTexts(folder);
  const settings = chosen ?? ownSettings;
  const dicom = await dicomOf(folder, context);
  const files = pairFiles(withoutDicom(folder.files, dicom), texts);
  const found = dicom ? joined(dicom, files) : files;
  const pairing = applySettings({ ...found, problems: [...problems, ...found.problems] }, settings);
  if (pairing.pairs.length === 0) {
    throw new PlannerError("cohort", pairing.problems.map(({ message }) => message).join("; "));
  }
  const byPath = new Map(folder.files.map((file) => [file.path, file]));
  return {
    pairing,
    settings,
    name: dicom ? safeName(name, dicom) : name,
    places: dicom?.places ?? new Map(),
    sourceOf: (pair) => sourceOf(pair, byPath, dicom),
    read: (pair) => readPair(pair, folder, dicom),
  };
}

async function dicomOf(folder: Folder, context: PlanContext): Promise<DicomCohort | null> {
  if (!folder.files.some(mayBeDicom)) return null;
  const { dicomCohort } = await import("./dicom/dicomCohort.ts");
  return dicomCohort(folder, context.decoder, context.signal, context.looked);
}

/** Files of other formats, which alone `pairFiles` knows. */
function withoutDicom(files: readonly ListedFile[], dicom: DicomCohort | null) {
  if (!dicom || dicom.identifiers.size === 0) return files;
  // A path that names somebody stays out of everything that is kept.
  const isSafe = ({ path }: ListedFile) => !namesOne(path, dicom.identifiers);
  return files.filter(isSafe);
}

function namesOne(text: string, identifiers: ReadonlySet<string>): boolean {
  const lower = text.toLowerCase();
  return [...identifiers].some((part) => lower.includes(part));
}

function safeName(name: string, { identifiers }: DicomCohort): string {
  return namesOne(name, identifiers) ? "DICOM cohort" : name;
}

/** DICOM cases, and complete pairs of other files beside them; the rest is there to choose. */
function joined(dicom: DicomCohort, files: Pairing): Pairing {
  const complete = files.pairs.filter(({ mask }) => mask !== null);
  const rest = [...files.choices.images, ...files.choices.masks];
  const others = new Set(rest.filter((path) => !complete.some(({ image }) => image === path)));
  const note: Problem = {
    severity: "warning",
    message:
      "volumes of other formats lie beside the DICOM files; where one is the mask of a DICOM " +
      "image, choose it in the table of cases",
    paths: [...others],
  };
  return {
    layout: "dicom",
    pairs: [...dicom.pairs, ...complete],
    problems: [...dicom.problems, ...(others.size > 0 ? [note] : [])],
    labelNames: { ...files.labelNames, ...dicom.labelNames },
    ignoreLabel: files.ignoreLabel,
    choices: {
      images: [...dicom.choices.images, ...files.choices.images],
      masks: [...dicom.choices.masks, ...new Set(rest)],
    },
  };
}

async function readTexts(folder: Folder): Promise<{
  readonly texts: CohortTexts;
  readonly settings: CohortSettings;
  readonly problems: readonly Problem[];
}> {
  const problems: Problem[] = [];
  const paths = cohortTextPaths(folder.files);
  const text = async (path: string | null) => {
    try {
      return path === null ? undefined : strFromU8(await folder.read(path));
    } catch (error) {
      const message = `${path} could not be read (${messageOf(error)}); cases load without it`;
      problems.push({ severity: "warning", message, paths: path === null ? [] : [path] });
      return undefined;
    }
  };
  const texts = {
    datasetJson: await text(paths.datasetJson),
    casesCsv: await text(paths.casesCsv),
  };
  const cohortJson = await text(paths.cohortJson);
  if (cohortJson === undefined) return { texts, settings: noSettings, problems };
  try {
    return { texts, settings: settingsOfText(cohortJson), problems };
  } catch (error) {
    const own = paths.cohortJson === null ? [] : [paths.cohortJson];
    problems.push({ severity: "error", message: messageOf(error), paths: own });
    return { texts, settings: noSettings, problems };
  }
}

function sourceOf(
  pair: Pair,
  files: ReadonlyMap<string, ListedFile>,
  dicom: DicomCohort | null,
): string | null {
  const paths = [pair.image, pair.mask].flatMap((ref) =>
    ref === null ? [] : (dicom?.filesOf(ref) ?? [ref]),
  );
  if (paths.some((path) => files.get(path)?.modified === undefined)) return null;
  const told = (ref: string | null) =>
    ref === null
      ? null
      : (dicom?.filesOf(ref) ?? [ref]).map((path) => {
          const file = files.get(path);
          return [path, file?.bytes, file?.modified];
        });
  const { image, mask, volume, plane } = pair;
  const parts = [READER_VERSION, told(image), told(mask), volume ?? null, plane ?? null];
  return hashText(JSON.stringify(parts));
}

async function readPair(
  pair: Pair,
  folder: Folder,
  dicom: DicomCohort | null,
): Promise<CaseReading> {
  const open = (ref: string, image: VolumeFile | null, frame?: number) =>
    attempted(() => (dicom?.filesOf(ref) ? dicom.open(ref, image) : openFile(folder, ref, frame)));
  const frame = pair.channels ? undefined : pair.volume;
  const image = await open(pair.image, null, frame);
  const mask = pair.mask === null ? null : await open(pair.mask, volumeOrNull(image));
  try {
    return readCase(pair, { image, mask });
  } catch (error) {
    const paths = pair.mask === null ? [pair.image] : [pair.image, pair.mask];
    const problem: Problem = { severity: "error", message: messageOf(error), paths };
    return { summary: unreadCase(pair, [problem]), image: null, labels: null, scaling: null };
  }
}

async function openFile(folder: Folder, path: string, frame?: number): Promise<VolumeFile> {
  if (!folder.files.some((file) => file.path === path)) {
    throw new PlannerError("format", `${path} is not among the files`);
  }
  const file = {
    path,
    bytes: () => folder.read(path),
    sibling: async (name: string) => (await siblingOf(folder, path, name)) ?? null,
  };
  return openVolume(file, frame);
}

/** What opening gave, or throws when it is asked for. */
async function attempted(open: () => Promise<VolumeFile>): Promise<OpenedVolume> {
  try {
    const file = await open();
    return { open: () => file };
  } catch (error) {
    const found =
      error instanceof PlannerError
        ? error
        : new PlannerError("format", messageOf(error), { cause: error });
    return {
      open: () => {
        throw found;
      },
    };
  }
}

function volumeOrNull(opened: OpenedVolume): VolumeFile | null {
  try {
    return opened.open();
  } catch {
    return null;
  }
}
