import { codecFrameDecoder } from "#codecs/codecFrameDecoder.ts";
import { isNamedMask, withoutExtension } from "#core/cohort/layouts.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { DicomVolume } from "#core/formats/dicom/series.ts";
import { dicomImages, needsImages, readScans } from "#core/formats/readScans.ts";
import type { Scan } from "#core/formats/scan.ts";
import { intensityOf } from "#core/volume/intensity.ts";
import { axisCodes, canonicalVolume } from "#core/volume/orientation.ts";
import { valueAt } from "#core/volume/valueAt.ts";
import type { Volume } from "#core/volume/volume.ts";
import { loadCodec } from "./codecFiles.ts";
import type { Streams } from "./command.ts";
import { type ScanPath, scanFilesAt } from "./scanFiles.ts";

type World = readonly [number, number, number];

export interface InspectOptions {
  readonly at: readonly World[];
  readonly json: boolean;
}

/** One volume as `inspect` describes it; shape, affine and voxels are of the canonical grid. */
export interface Inspected {
  readonly path: string;
  readonly format: string;
  /** Which of several volumes of the path; absent when it is the only one. */
  readonly part?: string;
  /** [depth, height, width] */
  readonly shape: readonly number[];
  /** mm, same order */
  readonly spacing: readonly number[];
  /** 4x4, voxel (width, height, depth) to RAS+ mm. */
  readonly affine: readonly (readonly number[])[];
  readonly orientation: { readonly stored: string; readonly canonical: string };
  readonly dataType: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of masks; none of images. */
  readonly labels: readonly { readonly label: number; readonly voxels: number; name?: string }[];
  readonly warnings: readonly string[];
  readonly at: readonly {
    readonly world: World;
    readonly voxel: readonly number[] | null;
    readonly value: number | null;
  }[];
}

/**
 * Describes every volume under the paths; what cannot be read is a line of the log.
 *
 * @returns whether everything could be read
 */
export async function inspect(
  paths: readonly string[],
  { at, json }: InspectOptions,
  { out, log }: Streams,
): Promise<boolean> {
  const found: Inspected[] = [];
  let failures = 0;
  const complain = (path: string, message: string, severity: "error" | "warning" = "error") => {
    if (severity === "error") failures++;
    log.write(`${severity}: ${path}: ${message}\n`);
  };
  const decoder = codecFrameDecoder(loadCodec);
  const opened = await openPaths(paths, complain);
  for (const { path, files } of opened) {
    const otherImages = await imagesElsewhere(path, files, opened);
    let volumes = 0;
    let problems = 0;
    for await (const scan of readScans(files, { decoder, otherImages })) {
      if (scan.kind === "problem") {
        problems++;
        complain(scan.path, scan.message, scan.severity);
        continue;
      }
      volumes++;
      const described = inspected(scan, at);
      found.push(described);
      if (!json) out.write(`${inWords(described)}\n`);
    }
    if (volumes + problems === 0) complain(path, "holds no NIfTI, NRRD, MetaImage or DICOM file");
  }
  if (json) out.write(`${JSON.stringify(found, null, 2)}\n`);
  return failures === 0;
}

async function openPaths(
  paths: readonly string[],
  complain: (path: string, message: string) => void,
): Promise<ScanPath[]> {
  const opened: ScanPath[] = [];
  for (const path of paths) {
    try {
      opened.push(await scanFilesAt(path));
    } catch (error) {
      if (!(error instanceof PlannerError)) throw error;
      complain(path, messageOf(error));
    }
  }
  return opened;
}

/** Images of the other paths, read only where contours may lie on them. */
async function imagesElsewhere(
  path: string,
  files: ScanPath["files"],
  opened: readonly ScanPath[],
): Promise<DicomVolume[]> {
  const others = opened.filter((other) => other.path !== path).flatMap((other) => other.files);
  if (others.length === 0) return [];
  for (const file of files) if (await needsImages(file)) return dicomImages(others);
  return [];
}

/** More different values than this are an image's. */
const MANY_LABELS = 64;

function inspected(scan: Scan, at: readonly World[]): Inspected {
  const canonical = canonicalVolume(scan.volume);
  const { min, max, mean, nonFinite } = intensityOf(canonical.voxels);
  const warnings = [...scan.notes];
  if (nonFinite > 0) warnings.push(`${nonFinite} voxels are not finite numbers`);
  const { affine } = canonical;
  const row = (start: number) => affine.slice(start, start + 4);
  return {
    path: scan.path,
    format: scan.format,
    ...(scan.part === null ? {} : { part: scan.part }),
    shape: canonical.shape,
    spacing: canonical.spacing,
    affine: [row(0), row(4), row(8), [0, 0, 0, 1]],
    orientation: { stored: axisCodes(scan.volume.affine), canonical: axisCodes(affine) },
    dataType: scan.dataType,
    min,
    max,
    mean,
    labels: labelsOf(scan, canonical, { min, max }),
    warnings,
    at: at.map((world) => ({ world, ...finite(valueAt(canonical, world)) })),
  };
}

/** JSON has no NaN. */
function finite<T extends { readonly value: number | null }>(found: T): T {
  return Number.isFinite(found.value ?? 0) ? found : { ...found, value: null };
}

/** Labels with their voxels when the format, the name or the values say that it is a mask. */
function labelsOf(
  { segments, path, format }: Scan,
  { voxels }: Volume,
  { min, max }: { min: number; max: number },
): Inspected["labels"] {
  if (min < 0 || max > 65535) return [];
  const counts = new Map<number, number>();
  const stem = withoutExtension(path.slice(path.lastIndexOf("/") + 1)).replace(/\.\w+$/, "");
  const isMask = segments !== null || isNamedMask(stem);
  if (format === "DICOM") return [];
  for (const value of voxels) {
    if (!Number.isInteger(value)) return [];
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (!isMask && counts.size > MANY_LABELS) return [];
  }
  const names = new Map(segments?.map(({ label, name }) => [label, name]));
  return [...counts]
    .filter(([label]) => label !== 0)
    .sort(([a], [b]) => a - b)
    .map(([label, count]) => {
      const name = names.get(label);
      return { label, voxels: count, ...(name ? { name } : {}) };
    });
}

function inWords(one: Inspected): string {
  const number = (value: number) => Number(value.toPrecision(5));
  const lines = [
    `${one.path}${one.part ? ` (${one.part})` : ""}`,
    `  ${one.format}, ${one.dataType}, stored ${one.orientation.stored}, read as ${one.orientation.canonical}`,
    `  ${one.shape.join(" x ")} voxels of ${one.spacing.map(number).join(" x ")} mm (depth, height, width)`,
    `  values ${number(one.min)} to ${number(one.max)}, mean ${number(one.mean)}`,
    ...one.labels.map(
      ({ label, voxels, name }) => `  label ${label}${name ? ` ${name}` : ""}: ${voxels} voxels`,
    ),
    ...one.at.map(({ world, voxel, value }) =>
      voxel
        ? `  at ${world.join(", ")} mm: ${value} (voxel ${voxel.join(", ")})`
        : `  at ${world.join(", ")} mm: outside`,
    ),
    ...one.warnings.map((warning) => `  warning: ${warning}`),
  ];
  return lines.join("\n");
}
