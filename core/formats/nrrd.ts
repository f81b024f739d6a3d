import { PlannerError } from "../errors.ts";
import { voxelCount } from "../volume/grid.ts";
import type { Volume, VoxelArray } from "../volume/volume.ts";
import { gunzip } from "./gunzip.ts";
import { type NrrdAxes, readNrrdAxes, required } from "./nrrdAxes.ts";
import { type NrrdHeader, readNrrdHeader } from "./nrrdHeader.ts";
import { type NrrdSegment, readNrrdSegments } from "./nrrdSegments.ts";
import { storedVoxels, type VoxelType, voxelTypes } from "./storedVoxels.ts";
import { textNumbers } from "./textNumbers.ts";

/** An NRRD file as read. */
export interface NrrdImage {
  /** In the order of the file's axes: the fastest in space is width. */
  readonly volume: Volume;
  readonly dataType: VoxelType;
  /** Volumes (or layers of segments) in the file. */
  readonly frames: number;
  /** Of a segmentation (.seg.nrrd); none in other files. */
  readonly segments: readonly NrrdSegment[];
  /** Whether the file says how it lies in space. */
  readonly isPlaced: boolean;
  readonly notes: readonly string[];
}

export interface NrrdOptions {
  /** Bytes of the data file where the header is detached (.nhdr). */
  readonly data?: Uint8Array;
  /** Which volume of a file that holds several, from 0; without it such a file is refused. */
  readonly frame?: number;
  /** Inflated bytes at which gzip data is given up. */
  readonly maxBytes?: number;
}

/** Name of the file that a detached header keeps its data in; null: data is attached. */
export function nrrdDataFile(bytes: Uint8Array): string | null {
  return dataFileOf(readNrrdHeader(bytes));
}

/**
 * The volume in an NRRD file. World positions are turned from the file's space (LPS, LAS or
 * RAS) to RAS+; 64-bit integers become the smallest type that holds them.
 *
 * @throws PlannerError "format" saying what is wrong with the file
 */
export function readNrrd(bytes: Uint8Array, options: NrrdOptions = {}): NrrdImage {
  const header = readNrrdHeader(bytes);
  const axes = readNrrdAxes(header);
  const dataType = dataTypeOf(required(header.fields, "type"));
  const data = attachedOr(header, bytes, options.data);
  const all = decoded(header, data, axes.count, dataType, options.maxBytes);
  const voxels = frameVoxels(all, axes, frameOf(axes.frames, options.frame));
  return {
    volume: { ...axes.grid, voxels },
    dataType,
    frames: axes.frames,
    segments: readNrrdSegments(header.keys),
    isPlaced: axes.isPlaced,
    notes: axes.notes,
  };
}

const typeNames: Readonly<Record<VoxelType, RegExp>> = {
  int8: /^(signed char|int8(_t)?)$/,
  uint8: /^(uchar|unsigned char|uint8(_t)?)$/,
  int16: /^(short( int)?|signed short( int)?|int16(_t)?)$/,
  uint16: /^(ushort|unsigned short( int)?|uint16(_t)?)$/,
  int32: /^(int|signed int|int32(_t)?)$/,
  uint32: /^(uint|unsigned int|uint32(_t)?)$/,
  int64: /^(longlong|long long( int)?|signed long long( int)?|int64(_t)?)$/,
  uint64: /^(ulonglong|unsigned long long( int)?|uint64(_t)?)$/,
  float32: /^float$/,
  float64: /^double$/,
};

function dataTypeOf(name: string): VoxelType {
  for (const [type, pattern] of Object.entries(typeNames)) {
    if (pattern.test(name.toLowerCase())) return type as VoxelType;
  }
  throw new PlannerError("format", `voxels must be one real number each, got type ${name}`);
}

function dataFileOf({ fields }: NrrdHeader): string | null {
  const name = fields.get("data file") ?? fields.get("datafile");
  if (name === undefined || name === "") return null;
  if (/^LIST\b|%[\d.]*d/.test(name)) {
    throw new PlannerError(
      "format",
      `NRRD data must stand in one file, got ${name.slice(0, 60)}; save it as one .nrrd`,
    );
  }
  return name;
}

function attachedOr(header: NrrdHeader, bytes: Uint8Array, data: Uint8Array | undefined) {
  const name = dataFileOf(header);
  if (name === null) return bytes.subarray(header.end);
  if (data) return data;
  throw new PlannerError(
    "format",
    `NRRD header keeps its voxels in ${name.slice(0, 80)}; give both files`,
  );
}

function decoded(
  { fields }: NrrdHeader,
  data: Uint8Array,
  count: number,
  type: VoxelType,
  maxBytes?: number,
): VoxelArray {
  const encoding = required(fields, "encoding").toLowerCase();
  const skipped = afterLines(data, skipOf(fields, "line skip"));
  if (/^(txt|text|ascii)$/.test(encoding)) {
    return textNumbers(afterBytes(skipped, skipOf(fields, "byte skip"), 0), count, type);
  }
  const needed = count * voxelTypes[type];
  const isGzip = encoding === "gzip" || encoding === "gz";
  if (!isGzip && encoding !== "raw") {
    throw new PlannerError(
      "format",
      `NRRD encoding must be raw, gzip or ascii, got ${encoding.slice(0, 40)}; save it as one of them`,
    );
  }
  const plain = isGzip ? gunzip(skipped, maxBytes) : skipped;
  const own = afterBytes(plain, skipOf(fields, "byte skip"), needed);
  if (!(needed <= own.length)) {
    throw new PlannerError(
      "format",
      `NRRD data ends early: its header (${fields.get("sizes")} of ${type}) promises ${needed} ` +
        `bytes, the file holds ${own.length}; copy the file again`,
    );
  }
  return storedVoxels(own.subarray(0, needed), type, isLittleEndian(fields, type));
}

function isLittleEndian(fields: NrrdHeader["fields"], type: VoxelType): boolean {
  const endian = fields.get("endian")?.toLowerCase();
  if (endian === "little" || endian === "big") return endian === "little";
  if (voxelTypes[type] === 1) return true;
  throw new PlannerError(
    "format",
    `NRRD header: endian must be little or big, got ${endian ?? "none"}`,
  );
}

function skipOf(fields: NrrdHeader["fields"], name: string): number {
  const value = Number(fields.get(name) ?? fields.get(name.replace(" ", "")) ?? 0);
  if (Number.isSafeInteger(value) && value >= (name === "byte skip" ? -1 : 0)) return value;
  throw new PlannerError("format", `NRRD header: ${name} must be an integer, got ${value}`);
}

function afterLines(data: Uint8Array, lines: number): Uint8Array {
  let at = 0;
  for (let line = 0; line < lines && at < data.length; line++) {
    const end = data.indexOf(10, at);
    at = end < 0 ? data.length : end + 1;
  }
  return data.subarray(at);
}

/** -1 stands for "so that the data ends with the file". */
function afterBytes(data: Uint8Array, skip: number, needed: number): Uint8Array {
  return data.subarray(skip < 0 ? Math.max(0, data.length - needed) : skip);
}

function frameOf(frames: number, frame: number | undefined): number {
  if (frame === undefined && frames > 1) {
    throw new PlannerError(
      "format",
      `file must hold one volume, got ${frames} (a series, channels or layers of segments); ` +
        "save the one to use as a file of its own",
    );
  }
  const wanted = frame ?? 0;
  if (Number.isInteger(wanted) && wanted >= 0 && wanted < frames) return wanted;
  throw new PlannerError("argument", `frame must be an integer in 0..${frames - 1}, got ${wanted}`);
}

/** The voxels of one volume; the array itself when it is the only one. */
function frameVoxels(all: VoxelArray, { grid, frames, strides }: NrrdAxes, frame: number) {
  if (frames === 1) return all;
  const count = voxelCount(grid.shape);
  const voxels = new (all.constructor as new (length: number) => VoxelArray)(count);
  const [alongWidth, alongHeight, alongDepth, between] = strides;
  const [depth, height, width] = grid.shape;
  let index = 0;
  for (let d = 0; d < depth; d++) {
    for (let h = 0; h < height; h++) {
      let at = frame * between + d * alongDepth + h * alongHeight;
      for (let w = 0; w < width; w++, at += alongWidth) voxels[index++] = all[at] as number;
    }
  }
  return voxels;
}
