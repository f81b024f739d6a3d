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
import { scaledVoxels, storedVoxels } from "./storedVoxels.ts";

/** A NIfTI file as read. */
export interface NiftiImage {
  /** In the order of the file: x fastest is row-major [depth, height, width]. */
  readonly volume: Volume;
  /** As stored, before scaling. */
  readonly dataType: NiftiDataType;
  /** Whether stored values were scaled by the header's slope and intercept. */
  readonly scaled: boolean;
  /** The slope and intercept that were applied; null when there were none. */
  readonly scaling: NiftiHeader["scaling"];
  readonly affineSource: AffineSource;
  /** Whether the file says how it lies in space. */
  readonly isPlaced: boolean;
  /** What a reader should know, in words. */
  readonly notes: readonly string[];
  /** Volumes in the file. */
  readonly frames: number;
  readonly version: 1 | 2;
}

export interface NiftiOptions {
  /** Bytes of the .img file (gzip or not) where the header stands in a .hdr of its own. */
  readonly voxels?: Uint8Array;
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
  const inflated = gunzipped(bytes, options.maxBytes);
  const pair = options.voxels && gunzipped(options.voxels, options.maxBytes);
  const header = readNiftiHeader(inflated, pair?.length);
  const { shape, spacing, affine, dataType, scaling, affineSource, notes } = header;
  const source = options.voxels ?? bytes;
  const voxelBytes = pair ?? inflated;
  const frame = frameOf(header, options.frame);
  const stored = readStored(voxelBytes, header, frame, voxelBytes !== source);
  const voxels = scaling ? scaledVoxels(stored, scaling.slope, scaling.intercept) : stored;
  return {
    volume: { shape, spacing, affine, voxels },
    dataType,
    scaled: scaling !== null,
    scaling,
    affineSource,
    isPlaced: affineSource !== "pixdim",
    notes,
    frames: header.frames,
    version: header.version,
  };
}

function gunzipped(bytes: Uint8Array, maxBytes: number | undefined): Uint8Array {
  return isGzip(bytes) ? gunzip(bytes, maxBytes) : bytes;
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

/** @param isInflated - the bytes were inflated here: nobody else has them */
function readStored(
  bytes: Uint8Array,
  header: NiftiHeader,
  frame: number,
  isInflated: boolean,
): VoxelArray {
  const { shape, dataType, voxelOffset, littleEndian } = header;
  const length = voxelCount(shape) * niftiDataTypes[dataType].bytes;
  const start = voxelOffset + frame * length;
  // One volume of many would keep all of them in memory.
  const isOwn = isInflated && header.frames === 1;
  return storedVoxels(bytes.subarray(start, start + length), dataType, littleEndian, isOwn);
}
