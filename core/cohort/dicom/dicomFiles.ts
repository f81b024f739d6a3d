import type { StopSignal } from "../../context.ts";
import { PlannerError } from "../../errors.ts";
import { isContours } from "../../formats/dicom/contours.ts";
import { type DicomFile, isDicom, readDicomHead } from "../../formats/dicom/dataSet.ts";
import { isSegmentation } from "../../formats/dicom/segmentation.ts";
import type { ListedFile } from "../cohort.ts";
import type { Folder } from "../folder.ts";
import { mayBeDicom } from "../mayBeDicom.ts";
import { identifiersOf } from "./pseudonyms.ts";

/** A DICOM file of a folder, without its voxels. */
export interface DicomEntry {
  readonly path: string;
  readonly bytes: number;
  /** As the file says it; it is never kept. */
  readonly patient: string;
  readonly role: "image" | "mask";
}

/** The DICOM files of a folder. */
export interface DicomFiles {
  readonly entries: readonly DicomEntry[];
  /** Files that cannot be read, and why. */
  readonly broken: readonly { readonly path: string; readonly message: string }[];
  /** Files that hold neither images nor masks: reports, plans, doses of other kinds. */
  readonly others: number;
  /** Parts of names, ids and dates that occur in the files. */
  readonly identifiers: ReadonlySet<string>;
}

/**
 * Looks at the beginning of every file that may be DICOM. One file is in memory at a time.
 *
 * @param looked - told how many files were looked at
 */
export async function listDicom(
  folder: Folder,
  signal: StopSignal,
  looked: (done: number, total: number) => void,
): Promise<DicomFiles> {
  const entries: DicomEntry[] = [];
  const broken: { path: string; message: string }[] = [];
  const identifiers = new Set<string>();
  let others = 0;
  const candidates = folder.files.filter(mayBeDicom);
  for (const [index, file] of candidates.entries()) {
    signal.throwIfAborted();
    try {
      const head = await headOf(folder, file);
      for (const part of head ? identifiersOf(head) : []) identifiers.add(part);
      if (head) {
        const entry = entryOf(file, head);
        if (entry) entries.push(entry);
        else others++;
      }
    } catch (error) {
      if (!(error instanceof PlannerError)) throw error;
      broken.push({ path: file.path, message: error.message });
    }
    looked(index + 1, candidates.length);
  }
  return { entries, broken, others, identifiers };
}

/** First bytes that are read; headers are rarely longer than the first, or than the second. */
const HEADS = [2 ** 14, 2 ** 19];

/**
 * What a file says before its pixels; null when it is no DICOM file.
 *
 * @throws PlannerError "format" when it is one and cannot be read
 */
export async function headOf(folder: Folder, file: ListedFile): Promise<DicomFile | null> {
  for (const end of [...HEADS, file.bytes]) {
    if (end > file.bytes && end !== HEADS[0]) continue;
    const bytes = await folder.read(file.path, Math.min(end, file.bytes));
    if (!isDicom(bytes)) return null;
    const head = readDicomHead(bytes, end >= file.bytes);
    if (head) return head;
  }
  return null;
}

function entryOf({ path, bytes }: ListedFile, head: DicomFile): DicomEntry | null {
  const isMask = isContours(head) || isSegmentation(head);
  if (!isMask && (head.pixelData === null || head.uint16("x00280010") === null)) return null;
  const patient = head.text("x00100020") || head.text("x00100010") || "unnamed";
  return { path, bytes, patient, role: isMask ? "mask" : "image" };
}
