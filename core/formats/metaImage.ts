import { PlannerError } from "../errors.ts";
import { type Grid, voxelCount } from "../volume/grid.ts";
import type { Volume, VoxelArray } from "../volume/volume.ts";
import { MAX_INFLATED_BYTES } from "./gunzip.ts";
import { inflate } from "./inflate.ts";
import { LPS, placedGrid, type Vector3 } from "./placedGrid.ts";
import { storedVoxels, type VoxelType, voxelTypes } from "./storedVoxels.ts";
import { latin1, textNumbers } from "./textNumbers.ts";

/** A MetaImage file as read. */
export interface MetaImage {
  /** In the order of the file: x fastest is row-major [depth, height, width]. */
  readonly volume: Volume;
  readonly dataType: VoxelType;
  /** Volumes in the file: more than one with four dimensions. */
  readonly frames: number;
}

export interface MetaImageOptions {
  /** Bytes of the data file where the header stands in a .mhd of its own. */
  readonly data?: Uint8Array;
  /** Which volume of a file that holds several, from 0; without it such a file is refused. */
  readonly frame?: number;
  /** Inflated bytes at which compressed data is given up. */
  readonly maxBytes?: number;
}

/** Headers are a few hundred bytes; a longer one is no header. */
const MAX_HEADER_BYTES = 2 ** 16;

interface Header {
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  /** Byte after the line ElementDataFile. */
  readonly end: number;
}

/** Whether bytes begin like a MetaImage header. */
export function isMetaImage(bytes: Uint8Array): boolean {
  return /^(ObjectType|NDims|Comment)\s*=/i.test(latin1(bytes.subarray(0, 40)));
}

/** Name of the file that holds the voxels; null: they follow the header. */
export function metaImageDataFile(bytes: Uint8Array): string | null {
  return dataFileOf(readHeader(bytes));
}

/**
 * The volume in a MetaImage file (.mha, or .mhd with its data). World positions are turned
 * from the format's LPS to RAS+.
 *
 * @throws PlannerError "format" saying what is wrong with the file
 *
 * Source: itk.org/Wiki/ITK/MetaIO/Documentation.
 */
export function readMetaImage(bytes: Uint8Array, options: MetaImageOptions = {}): MetaImage {
  const header = readHeader(bytes);
  const { fields } = header;
  const sizes = readSizes(fields);
  const frames = sizes[3] ?? 1;
  const grid = readGrid(fields, sizes);
  const dataType = dataTypeOf(fields);
  const frame = frameOf(frames, options.frame);
  const data = attachedOr(header, bytes, options.data);
  const voxels = readVoxels(fields, data, grid, { dataType, frames, frame }, options.maxBytes);
  return { volume: { ...grid, voxels }, dataType, frames };
}

function readHeader(bytes: Uint8Array): Header {
  if (!isMetaImage(bytes)) {
    throw new PlannerError(
      "format",
      "file must be MetaImage (begin with ObjectType), got other bytes",
    );
  }
  const fields = new Map<string, string>();
  let at = 0;
  while (at < Math.min(bytes.length, MAX_HEADER_BYTES)) {
    const newline = bytes.indexOf(10, at);
    const end = newline < 0 ? bytes.length : newline;
    const line = latin1(bytes.subarray(at, Math.min(end, at + 4096)));
    at = end + 1;
    const split = line.indexOf("=");
    if (split < 0) {
      if (line.trim() === "") continue;
      throw new PlannerError(
        "format",
        `MetaImage header: a line must be name = value, got ${JSON.stringify(line.slice(0, 60))}`,
      );
    }
    const name = line.slice(0, split).trim().toLowerCase();
    fields.set(name, line.slice(split + 1).trim());
    if (name === "elementdatafile") return { fields, end: Math.min(at, bytes.length) };
  }
  throw new PlannerError(
    "format",
    "MetaImage header must end with ElementDataFile, got none; copy the file again",
  );
}

function dataFileOf({ fields }: Header): string | null {
  const name = fields.get("elementdatafile") ?? "";
  if (/^LOCAL$/i.test(name)) return null;
  if (name !== "" && !/^LIST\b|%[\d.]*d/.test(name)) return name;
  throw new PlannerError(
    "format",
    `MetaImage voxels must stand in one file, got ${name.slice(0, 60)}; save it as one .mha`,
  );
}

function attachedOr(header: Header, bytes: Uint8Array, data: Uint8Array | undefined): Uint8Array {
  const name = dataFileOf(header);
  if (name === null) return bytes.subarray(header.end);
  if (data) return data;
  throw new PlannerError(
    "format",
    `MetaImage header keeps its voxels in ${name.slice(0, 80)}; give both files`,
  );
}

function readSizes(fields: Header["fields"]): number[] {
  const sizes = numbersOf(fields, ["dimsize"]) ?? [];
  const areSizes = sizes.every((size) => Number.isSafeInteger(size) && size > 0);
  if (areSizes && sizes.length >= 2 && sizes.length <= 4 && sizes.length === count(fields)) {
    return sizes;
  }
  throw new PlannerError(
    "format",
    "MetaImage header: DimSize must be 2 to 4 positive integers, one per dimension (NDims), " +
      `got ${fields.get("dimsize")?.slice(0, 80) ?? "none"} and NDims ${fields.get("ndims")?.slice(0, 40) ?? "none"}`,
  );
}

function count(fields: Header["fields"]): number {
  return Number(fields.get("ndims"));
}

/** The numbers of the first field that is there. */
function numbersOf(fields: Header["fields"], names: readonly string[]): number[] | null {
  const name = names.find((one) => fields.has(one));
  return name === undefined ? null : (fields.get(name) as string).split(/\s+/).map(Number);
}

function readGrid(fields: Header["fields"], sizes: readonly number[]): Grid {
  const n = sizes.length;
  const spacing = numbersOf(fields, ["elementspacing", "elementsize"]) ?? [];
  const matrix = numbersOf(fields, ["transformmatrix", "rotation", "orientation"]);
  const origin = numbersOf(fields, ["offset", "position", "origin"]) ?? [];
  /** Each axis has its direction in a row of its own. */
  const direction = (axis: number, world: number): number => {
    if (!matrix || axis >= n || world >= n) return axis === world ? 1 : 0;
    return matrix[axis * n + world] ?? Number.NaN;
  };
  const step = (axis: 0 | 1 | 2): Vector3 => {
    const mm = spacing[axis] ?? 1;
    return [direction(axis, 0) * mm, direction(axis, 1) * mm, direction(axis, 2) * mm];
  };
  const shape = [sizes[2] ?? 1, sizes[1] as number, sizes[0] as number] as const;
  const start = [origin[0] ?? 0, origin[1] ?? 0, n > 2 ? (origin[2] ?? 0) : 0] as const;
  return placedGrid("MetaImage", shape, [step(0), step(1), step(2)], start, LPS);
}

const typeNames: Readonly<Record<string, VoxelType>> = {
  MET_CHAR: "int8",
  MET_UCHAR: "uint8",
  MET_SHORT: "int16",
  MET_USHORT: "uint16",
  MET_INT: "int32",
  MET_UINT: "uint32",
  // ITK writes long as 4 bytes and says long long for 8.
  MET_LONG: "int32",
  MET_ULONG: "uint32",
  MET_LONG_LONG: "int64",
  MET_ULONG_LONG: "uint64",
  MET_FLOAT: "float32",
  MET_DOUBLE: "float64",
};

function dataTypeOf(fields: Header["fields"]): VoxelType {
  const name = fields.get("elementtype") ?? "none";
  const channels = Number(fields.get("elementnumberofchannels") ?? 1);
  const type = typeNames[name.toUpperCase()];
  if (type && channels === 1) return type;
  const got = type ? `${channels} channels` : name.slice(0, 40);
  throw new PlannerError("format", `voxels must be one real number each, got ${got}`);
}

function frameOf(frames: number, frame: number | undefined): number {
  if (frame === undefined && frames > 1) {
    throw new PlannerError(
      "format",
      `file must hold one volume, got ${frames}; save the one to use as a file of its own`,
    );
  }
  const wanted = frame ?? 0;
  if (Number.isInteger(wanted) && wanted >= 0 && wanted < frames) return wanted;
  throw new PlannerError("argument", `frame must be an integer in 0..${frames - 1}, got ${wanted}`);
}

function readVoxels(
  fields: Header["fields"],
  data: Uint8Array,
  { shape }: Grid,
  { dataType, frames, frame }: { dataType: VoxelType; frames: number; frame: number },
  maxBytes = MAX_INFLATED_BYTES,
): VoxelArray {
  const each = voxelCount(shape);
  const isTrue = (name: string) => /^(true|1)$/i.test(fields.get(name) ?? "");
  if (fields.get("binarydata") && !isTrue("binarydata")) {
    const all = textNumbers(data, each * frames, dataType);
    return frames === 1 ? all : all.slice(frame * each, (frame + 1) * each);
  }
  const size = each * voxelTypes[dataType];
  const needed = size * frames;
  const own = isTrue("compresseddata")
    ? inflate(data, "zlib", Math.min(needed, maxBytes))
    : data.subarray(headerSkip(fields, data.length, needed));
  if (!(needed <= own.length)) {
    throw new PlannerError(
      "format",
      `MetaImage data ends early: its header (${fields.get("dimsize")} of ${dataType}) promises ` +
        `${needed} bytes, the file holds ${own.length}; copy the file again`,
    );
  }
  const isBig = isTrue("binarydatabyteordermsb") || isTrue("elementbyteordermsb");
  return storedVoxels(own.subarray(frame * size, (frame + 1) * size), dataType, !isBig);
}

/** HeaderSize: bytes before the voxels; -1 stands for "so that they end with the file". */
function headerSkip(fields: Header["fields"], held: number, needed: number): number {
  const skip = Number(fields.get("headersize") ?? 0);
  if (skip === -1) return Math.max(0, held - needed);
  if (Number.isSafeInteger(skip) && skip >= 0) return skip;
  throw new PlannerError(
    "format",
    `MetaImage header: HeaderSize must be an integer of at least -1, got ${skip}`,
  );
}
