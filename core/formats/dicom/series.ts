import { messageOf, PlannerError } from "../../errors.ts";
import type { Grid } from "../../volume/grid.ts";
import type { Volume, VoxelArray } from "../../volume/volume.ts";
import { emptyVoxels, scaledVoxels, type VoxelType } from "../storedVoxels.ts";
import type { DicomFile } from "./dataSet.ts";
import type { FrameDecoder } from "./frameDecoder.ts";
import { type FramePlane, readFramePlanes } from "./framePlanes.ts";
import { type PixelFormat, readPixelFormat } from "./pixelFormat.ts";
import { type PixelFrames, readPixelFrames } from "./pixelFrames.ts";
import { type Stack, splitByPlace, stackOf } from "./stack.ts";
import { isLossySyntax, syntaxName } from "./transferSyntaxes.ts";

/** A DICOM file with where it came from. */
export interface NamedDicom {
  readonly path: string;
  readonly file: DicomFile;
}

/** A volume that a set of DICOM files holds; its voxels are decoded when asked for. */
export interface DicomVolume {
  readonly paths: readonly string[];
  readonly series: string;
  readonly patient: string;
  readonly modality: string;
  readonly description: string;
  /** Which of several volumes at one place, from 0, e.g. a time point. */
  readonly time: number;
  readonly times: number;
  readonly frameOfReference: string;
  /** Whether the files say where it lies. */
  readonly isPlaced: boolean;
  /** Where it lies, known before voxels are decoded. */
  readonly grid: Grid;
  /** As stored, before rescaling. */
  readonly dataType: VoxelType;
  readonly notes: readonly string[];
  /** @throws PlannerError "format" when pixels cannot be decoded */
  read(decoder: FrameDecoder): Promise<Volume>;
}

/** What could not be put together, and why. */
export interface DicomProblem {
  /** `warning`: nothing is lost */
  readonly severity: "error" | "warning";
  readonly paths: readonly string[];
  readonly message: string;
}

interface Plane extends FramePlane {
  readonly from: NamedDicom;
  readonly format: PixelFormat;
}

/**
 * Puts the image files of a folder together into volumes: by series, size of slices and
 * orientation, sorted by position along the normal; several files at each place are several
 * volumes. File names and instance numbers decide nothing but the order of time.
 *
 * @param files - images; segmentations and contours are read elsewhere
 */
export function assembleSeries(files: readonly NamedDicom[]): {
  readonly volumes: DicomVolume[];
  readonly problems: DicomProblem[];
} {
  const volumes: DicomVolume[] = [];
  const problems: DicomProblem[] = [];
  const groups: Group[] = [];
  const seen = new Map<string, string>();
  for (const from of files) {
    const copyOf = seen.get(from.file.text("x00080018"));
    if (copyOf !== undefined) {
      const message = `the same image as ${copyOf}; it is left out`;
      problems.push({ severity: "warning", paths: [from.path], message });
      continue;
    }
    const id = from.file.text("x00080018");
    if (id) seen.set(id, from.path);
    try {
      collect(groups, from);
    } catch (error) {
      problems.push({ severity: "error", paths: [from.path], message: wordsOf(error) });
    }
  }
  for (const { planes } of groups) {
    const paths = [...new Set(planes.map(({ from }) => from.path))];
    try {
      volumes.push(...volumesOf(planes));
    } catch (error) {
      problems.push({ severity: "error", paths, message: wordsOf(error) });
    }
  }
  return { volumes, problems };
}

function wordsOf(error: unknown): string {
  if (error instanceof PlannerError) return error.message;
  throw new Error(messageOf(error), { cause: error });
}

/** Planes that can lie in one volume. */
interface Group {
  readonly key: string;
  readonly planes: Plane[];
}

function collect(groups: Group[], from: NamedDicom): void {
  const format = readPixelFormat(from.file);
  const uid = from.file.text("x0020000e");
  for (const own of readFramePlanes(from.file, format.frames)) {
    const plane = { ...own, from, format };
    const key = [uid, format.rows, format.columns, own.position ? "" : from.path].join("|");
    const group = groups.find(
      (other) => other.key === key && isParallel(plane, other.planes[0] as Plane),
    );
    if (group) group.planes.push(plane);
    else groups.push({ key, planes: [plane] });
  }
}

/** Directions and pixels alike but for the rounding of headers. */
function isParallel(a: FramePlane, b: FramePlane): boolean {
  const isNear = (one: readonly number[], other: readonly number[]) =>
    one.every((value, index) => Math.abs(value - (other[index] as number)) < 1e-3);
  return (
    isNear(a.right, b.right) && isNear(a.down, b.down) && isNear(a.pixelSpacing, b.pixelSpacing)
  );
}

function volumesOf(planes: readonly Plane[]): DicomVolume[] {
  const [first] = planes as [Plane];
  const times = first.position ? splitByPlace(planes) : [[...planes]];
  return times.map((own, time) => {
    const { rows, columns, type } = first.format;
    const stack = stackOf(own, [rows, columns]);
    const { file } = first.from;
    return {
      paths: [...new Set(own.map(({ from }) => from.path))],
      series: file.text("x0020000e"),
      patient: file.text("x00100020"),
      modality: file.text("x00080060"),
      description: file.text("x0008103e"),
      time,
      times: times.length,
      frameOfReference: file.text("x00200052"),
      isPlaced: first.position !== null,
      grid: stack.grid,
      dataType: type,
      notes: [...stack.notes, ...notesOf(own)],
      read: (decoder) => readStack(stack, decoder),
    };
  });
}

function notesOf(planes: readonly Plane[]): string[] {
  const notes: string[] = [];
  const syntaxes = new Set(planes.map(({ from }) => from.file.transferSyntax));
  for (const uid of syntaxes) {
    if (isLossySyntax(uid)) notes.push(`pixels were compressed with losses: ${syntaxName(uid)}`);
  }
  const slopes = new Set(planes.map(({ slope }) => slope));
  if (slopes.size > 1) notes.push("slices are rescaled each by a slope of its own");
  if (planes.some(({ from }) => from.file.text("x00280004") === "MONOCHROME1")) {
    notes.push("values are stored to be shown inverted (MONOCHROME1); they are kept as stored");
  }
  return notes;
}

async function readStack(stack: Stack<Plane>, decoder: FrameDecoder): Promise<Volume> {
  const { planes, grid } = stack;
  requireRescale(planes);
  const [first] = planes as [Plane];
  const size = first.format.rows * first.format.columns;
  const readers = new Map<NamedDicom, PixelFrames>();
  const readerOf = (from: NamedDicom) => {
    const reader = readers.get(from) ?? readPixelFrames(from.file, decoder);
    readers.set(from, reader);
    return reader;
  };
  // Decoded before anything of the size that headers promise is allocated.
  const frames: VoxelArray[] = [];
  for (const { from, frame } of planes) frames.push(await readerOf(from).frame(frame));
  const target = targetOf(planes, frames);
  const voxels = emptyVoxels(target, size * planes.length);
  for (const [slice, stored] of frames.entries()) {
    const { slope, intercept } = planes[slice] as Plane;
    if (slope === 1 && intercept === 0) {
      voxels.set(stored, slice * size);
      continue;
    }
    if (target === "float32") {
      voxels.set(scaledVoxels(stored, slope, intercept), slice * size);
      continue;
    }
    for (let index = 0; index < size; index++) {
      voxels[slice * size + index] = (stored[index] as number) + intercept;
    }
  }
  return { ...grid, voxels };
}

/** The smallest type that holds every rescaled value: integers while only integers are added. */
function targetOf(planes: readonly Plane[], frames: readonly VoxelArray[]): VoxelType {
  const isShift = planes.every(
    ({ slope, intercept }) => slope === 1 && Number.isInteger(intercept),
  );
  if (!isShift) return "float32";
  const [first] = planes as [Plane];
  if (planes.every(({ intercept }) => intercept === 0)) return first.format.type;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const [slice, stored] of frames.entries()) {
    const { intercept } = planes[slice] as Plane;
    for (const value of stored) {
      if (value + intercept < low) low = value + intercept;
      if (value + intercept > high) high = value + intercept;
    }
  }
  const fits = (
    [
      ["uint8", 0, 0xff],
      ["int8", -0x80, 0x7f],
      ["uint16", 0, 0xffff],
      ["int16", -0x8000, 0x7fff],
      ["uint32", 0, 0xffffffff],
      ["int32", -0x80000000, 0x7fffffff],
    ] as const
  ).find(([, min, max]) => low >= min && high <= max);
  return fits?.[0] ?? "float32";
}

function requireRescale(planes: readonly Plane[]): void {
  for (const { from, slope } of planes) {
    if (from.file.item("x00283000")) {
      throw new PlannerError(
        "format",
        "DICOM values must be rescaled by slope and intercept, got a modality lookup table",
      );
    }
    if (slope === 0) {
      throw new PlannerError("format", "DICOM RescaleSlope must not be 0, got 0");
    }
  }
}
