import { PlannerError } from "../errors.ts";
import { voxelCount } from "../volume/grid.ts";
import type { Volume, VoxelArray } from "../volume/volume.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import {
  type NiftiDataType,
  type NiftiHeader,
  niftiDataTypes,
  readNiftiHeader,
} from "./niftiHeader.ts";
import type { AffineSource } from "./niftiPlacement.ts";

/** A NIfTI file as read. */
export interface NiftiImage {
  /** In the order of the file: x fastest is row-major [depth, height, width]. */
  readonly volume: Volume;
  /** As stored, before scaling. */
  readonly dataType: NiftiDataType;
  /** Whether stored values were scaled by the header's slope and intercept. */
  readonly scaled: boolean;
  readonly affineSource: AffineSource;
  /** What a reader should know, in words. */
  readonly notes: readonly string[];
}

export interface NiftiOptions {
  /** Which volume of a file that holds several, from 0; without it such a file is refused. */
  readonly frame?: number;
  /** Inflated bytes at which a gzip file is given up. */
  readonly maxBytes?: number;
}

/**
 * The volume in a NIfTI-1 or NIfTI-2 file.
 *
 * Values are `stored * scl_slope + scl_inter` as float32; where that changes nothing, or the
 * slope is 0 or not finite, they stay as stored. 64-bit integers become the smallest type
 * that holds them exactly, float64 where none does (exact to 2^53).
 *
 * @param bytes - the file, gzip or not; it is not kept
 * @throws PlannerError "format" saying what is wrong with the file
 */
export function readNifti(bytes: Uint8Array, options: NiftiOptions = {}): NiftiImage {
  const inflated = isGzip(bytes) ? gunzip(bytes, options.maxBytes) : bytes;
  const header = readNiftiHeader(inflated);
  const { shape, spacing, affine, dataType, scaling, affineSource, notes } = header;
  const stored = readStored(inflated, header, frameOf(header, options.frame));
  const voxels = scaling ? scaledBy(stored, scaling.slope, scaling.intercept) : stored;
  return {
    volume: { shape, spacing, affine, voxels },
    dataType,
    scaled: scaling !== null,
    affineSource,
    notes,
  };
}

function frameOf({ frames }: NiftiHeader, frame: number | undefined): number {
  if (frame === undefined && frames > 1) {
    throw new PlannerError(
      "format",
      `file must hold one volume, got ${frames} (a series or several channels); ` +
        "save the one to use as a file of its own",
    );
  }
  const wanted = frame ?? 0;
  if (Number.isInteger(wanted) && wanted >= 0 && wanted < frames) return wanted;
  throw new PlannerError("argument", `frame must be an integer in 0..${frames - 1}, got ${wanted}`);
}

function readStored(bytes: Uint8Array, header: NiftiHeader, frame: number): VoxelArray {
  const { shape, dataType, voxelOffset, littleEndian } = header;
  const size = niftiDataTypes[dataType].bytes;
  const length = voxelCount(shape) * size;
  const start = voxelOffset + frame * length;
  // A Buffer of Node keeps its memory when sliced; a new array does not.
  const own = new Uint8Array(bytes.subarray(start, start + length));
  if (size > 1 && littleEndian !== isLittleEndianHere) swapBytes(own, size);
  return arrayOf(dataType, own.buffer);
}

function scaledBy(stored: VoxelArray, slope: number, intercept: number): Float32Array {
  const values = new Float32Array(stored.length);
  for (let index = 0; index < values.length; index++) {
    values[index] = (stored[index] as number) * slope + intercept;
  }
  return values;
}

const isLittleEndianHere = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Reverses the bytes of each number in place. */
function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = bytes[low] as number;
      bytes[low] = bytes[high] as number;
      bytes[high] = byte;
    }
  }
}

function arrayOf(dataType: NiftiDataType, buffer: ArrayBuffer): VoxelArray {
  switch (dataType) {
    case "uint8":
      return new Uint8Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "uint16":
      return new Uint16Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "int64":
      return narrowed(new BigInt64Array(buffer));
    case "uint64":
      return narrowed(new BigUint64Array(buffer));
  }
}

/** Integer types from small to large. */
const integerArrays = [
  { min: 0, max: 0xff, Array: Uint8Array },
  { min: -0x80, max: 0x7f, Array: Int8Array },
  { min: 0, max: 0xffff, Array: Uint16Array },
  { min: -0x8000, max: 0x7fff, Array: Int16Array },
  { min: 0, max: 0xffffffff, Array: Uint32Array },
  { min: -0x80000000, max: 0x7fffffff, Array: Int32Array },
] as const;

/** 64-bit integers in the smallest type that holds all of them. */
function narrowed(wide: BigInt64Array | BigUint64Array): VoxelArray {
  const values = new Float64Array(wide.length);
  let min = 0;
  let max = 0;
  for (let index = 0; index < values.length; index++) {
    const value = Number(wide[index]);
    values[index] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const smallest = integerArrays.find((type) => min >= type.min && max <= type.max);
  return smallest ? smallest.Array.from(values) : values;
}
