import { isContours, readContours } from "../../formats/dicom/contours.ts";
import type { DicomFile, DicomValues } from "../../formats/dicom/dataSet.ts";
import { segmentedSeries, segmentNames } from "../../formats/dicom/segmentation.ts";
import { assembleSeries, type NamedDicom } from "../../formats/dicom/series.ts";
import type { Grid } from "../../volume/grid.ts";
import type { Problem } from "../cohort.ts";
import { shortHash } from "./pseudonyms.ts";

/** A volume among a patient's images; it is put together again when it is read. */
export interface DicomImage {
  /** What stands for it wherever something is kept. */
  readonly ref: string;
  readonly paths: readonly string[];
  readonly series: string;
  readonly frameOfReference: string;
  readonly time: number;
  readonly times: number;
  readonly grid: Grid;
}

/** A segmentation or contours of a patient. */
export interface DicomMask {
  readonly ref: string;
  readonly path: string;
  readonly isContours: boolean;
  /** Series and images that it was drawn on, as far as it says. */
  readonly series: readonly string[];
  readonly instances: ReadonlySet<string>;
  readonly frameOfReference: string;
  readonly segments: readonly { readonly label: number; readonly name: string }[];
}

/** What the files of one patient hold. */
export interface DicomPatient {
  readonly images: readonly DicomImage[];
  readonly masks: readonly DicomMask[];
  /** Instances of each image file, to find what a mask was drawn on. */
  readonly instanceOf: ReadonlyMap<string, string>;
  /** Paths are refs. */
  readonly problems: readonly Problem[];
  /** Path of the first file of each ref, for the page that reads; it is not kept. */
  readonly places: ReadonlyMap<string, string>;
}

/**
 * Puts the files of a patient together into volumes and masks, from their heads alone.
 *
 * @param patient - pseudonym
 */
export function dicomPatient(
  patient: string,
  imageHeads: readonly NamedDicom[],
  maskHeads: readonly NamedDicom[],
): DicomPatient {
  const refs = refMaker(patient);
  const places = new Map<string, string>();
  const problems: Problem[] = [];
  const { volumes, problems: found } = assembleSeries(imageHeads);
  const images = volumes.map(({ paths, series, modality, time, times, ...rest }) => {
    const part = times > 1 ? `_t${time + 1}` : "";
    const ref = refs(modality, series || (paths[0] as string), part);
    places.set(ref, paths[0] as string);
    const { frameOfReference, grid } = rest;
    return { ref, paths, series, frameOfReference, time, times, grid };
  });
  for (const [message, some] of groupedProblems(found)) {
    const [first] = some as [(typeof found)[number]];
    const paths = some.flatMap((one) => one.paths);
    const ref = refs("series", paths[0] ?? "", "");
    places.set(ref, paths[0] ?? "");
    const count = some.length > 1 ? ` (${some.length} files)` : "";
    problems.push({ severity: first.severity, message: message + count, paths: [ref] });
  }
  const masks = maskHeads.map(({ path, file }) => {
    const mask = maskOf(path, file, refs);
    places.set(mask.ref, path);
    return mask;
  });
  const instanceOf = new Map(imageHeads.map(({ path, file }) => [path, file.text("x00080018")]));
  return { images, masks, instanceOf, problems, places };
}

/** Problems by their words; copies name the file they are a copy of, which is left out. */
function groupedProblems(found: ReturnType<typeof assembleSeries>["problems"]) {
  const groups = new Map<string, (typeof found)[number][]>();
  for (const one of found) {
    const message = one.message.startsWith("the same image as")
      ? "a file is a copy of another; it is left out"
      : one.message;
    groups.set(message, [...(groups.get(message) ?? []), one]);
  }
  return groups;
}

function maskOf(path: string, file: DicomFile, refs: ReturnType<typeof refMaker>): DicomMask {
  const instance = file.text("x00080018") || path;
  if (isContours(file)) {
    const { regions, series, frameOfReference } = readContours(file);
    return {
      ref: refs("RTSTRUCT", instance, ""),
      path,
      isContours: true,
      series,
      instances: new Set(),
      frameOfReference,
      segments: regions.map(({ name }, index) => ({ label: index + 1, name })),
    };
  }
  return {
    ref: refs("SEG", instance, ""),
    path,
    isContours: false,
    series: segmentedSeries(file),
    instances: new Set(referencedInstances(file)),
    frameOfReference: file.text("x00200052"),
    segments: [...segmentNames(file)].map(([label, name]) => ({ label, name })),
  };
}

/** Images that a segmentation names as its source. */
function referencedInstances(file: DicomFile): string[] {
  const named = (values: DicomValues) =>
    values.items("x0008114a").map((item) => item.text("x00081155"));
  return file.items("x00081115").flatMap(named);
}

/** Names that say whose it is and what kind, and nothing else. */
function refMaker(patient: string) {
  const taken = new Set<string>();
  return (kind: string, what: string, part: string): string => {
    const plain = kind.replace(/[^A-Za-z0-9]/g, "").slice(0, 16) || "image";
    const base = `${patient}/${plain}-${shortHash(what)}${part}`;
    let ref = base;
    for (let count = 2; taken.has(ref); count++) ref = `${base}.${count}`;
    taken.add(ref);
    return ref;
  };
}
