import { PlannerError } from "../errors.ts";
import type { Shape3 } from "../volume/grid.ts";
import { type Placement, readPlacement } from "./niftiPlacement.ts";

/** What a NIfTI header says, checked; nothing was allocated for it. */
export interface NiftiHeader extends Placement {
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  readonly shape: Shape3;
  /** Volumes in the file: the product of the dimensions after the third. */
  readonly frames: number;
  readonly dataType: NiftiDataType;
  /** Byte at which voxels start. */
  readonly voxelOffset: number;
  /** value = stored * slope + intercept; null: as stored */
  readonly scaling: { readonly slope: number; readonly intercept: number } | null;
}

/** Data types that are read: one number per voxel. */
export const niftiDataTypes = {
  uint8: { code: 2, bytes: 1 },
  int16: { code: 4, bytes: 2 },
  int32: { code: 8, bytes: 4 },
  float32: { code: 16, bytes: 4 },
  float64: { code: 64, bytes: 8 },
  int8: { code: 256, bytes: 1 },
  uint16: { code: 512, bytes: 2 },
  uint32: { code: 768, bytes: 4 },
  int64: { code: 1024, bytes: 8 },
  uint64: { code: 1280, bytes: 8 },
} as const;
export type NiftiDataType = keyof typeof niftiDataTypes;

const refusedDataTypes: Readonly<Record<number, string>> = {
  1: "binary (one bit per voxel)",
  32: "complex64",
  128: "RGB24 (colour)",
  1536: "float128",
  1792: "complex128",
  2048: "complex256",
  2304: "RGBA32 (colour)",
};

/** Where the two versions keep the same fields. */
const layouts = {
  1: {
    size: 348,
    dim: (view: DataView, index: number, le: boolean) => view.getInt16(40 + 2 * index, le),
    dataType: 70,
    pixdim: (view: DataView, index: number, le: boolean) => view.getFloat32(76 + 4 * index, le),
    voxelOffset: (view: DataView, le: boolean) => view.getFloat32(108, le),
    slope: (view: DataView, le: boolean) => view.getFloat32(112, le),
    intercept: (view: DataView, le: boolean) => view.getFloat32(116, le),
    units: (view: DataView) => view.getUint8(123),
    code: (view: DataView, form: 0 | 1, le: boolean) => view.getInt16(252 + 2 * form, le),
    /** quatern b, c, d and offsets x, y, z */
    quaternion: (view: DataView, index: number, le: boolean) =>
      view.getFloat32(256 + 4 * index, le),
    srow: (view: DataView, index: number, le: boolean) => view.getFloat32(280 + 4 * index, le),
  },
  2: {
    size: 540,
    dim: (view: DataView, index: number, le: boolean) =>
      Number(view.getBigInt64(16 + 8 * index, le)),
    dataType: 12,
    pixdim: (view: DataView, index: number, le: boolean) => view.getFloat64(104 + 8 * index, le),
    voxelOffset: (view: DataView, le: boolean) => Number(view.getBigInt64(168, le)),
    slope: (view: DataView, le: boolean) => view.getFloat64(176, le),
    intercept: (view: DataView, le: boolean) => view.getFloat64(184, le),
    units: (view: DataView, le: boolean) => view.getInt32(500, le),
    code: (view: DataView, form: 0 | 1, le: boolean) => view.getInt32(344 + 4 * form, le),
    quaternion: (view: DataView, index: number, le: boolean) =>
      view.getFloat64(352 + 8 * index, le),
    srow: (view: DataView, index: number, le: boolean) => view.getFloat64(400 + 8 * index, le),
  },
} as const;

/**
 * Reads and checks the header of a NIfTI-1 or NIfTI-2 file, either byte order. Every value
 * that decides about memory is held against the bytes that are there.
 *
 * @param bytes - the whole file, inflated
 * @param pairBytes - size of the file of voxels where the header stands in one of its own
 * @throws PlannerError "format" when it is no NIfTI file, a value breaks its rule, the voxels
 *   are of a kind that is not read, or the file ends before its last voxel
 *
 * Source: R. W. Cox et al., nifti1.h and nifti2.h (https://nifti.nimh.nih.gov).
 */
export function readNiftiHeader(bytes: Uint8Array, pairBytes?: number): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPair = pairBytes !== undefined;
  const { version, littleEndian } = readVersion(bytes, view, isPair);
  const layout = layouts[version];
  const dimensionCount = requireInteger("dim[0]", layout.dim(view, 0, littleEndian), 2, 7);
  const dimensions = Array.from({ length: dimensionCount }, (_, index) =>
    requireInteger(
      `dim[${index + 1}]`,
      layout.dim(view, index + 1, littleEndian),
      1,
      Number.MAX_SAFE_INTEGER,
    ),
  );
  const [width = 1, height = 1, depth = 1, ...others] = dimensions;
  const frames = others.reduce((product, count) => product * count, 1);
  const dataType = dataTypeOf(view.getInt16(layout.dataType, littleEndian));
  const voxelOffset = readVoxelOffset(
    layout.voxelOffset(view, littleEndian),
    isPair ? 0 : layout.size + 4,
  );
  const held = pairBytes ?? bytes.length;
  const needed = voxelOffset + width * height * depth * frames * niftiDataTypes[dataType].bytes;
  if (!(needed <= held)) {
    throw new PlannerError(
      "format",
      `NIfTI data ends early: its header (${dimensions.join(" x ")} voxels of ${dataType}) ` +
        `promises ${needed} bytes, the file holds ${held}; copy the file again`,
    );
  }
  const placement = readPlacement({
    extents: [width, height, depth],
    pixdim: Array.from({ length: 4 }, (_, index) => layout.pixdim(view, index, littleEndian)),
    units: layout.units(view, littleEndian),
    qformCode: layout.code(view, 0, littleEndian),
    sformCode: layout.code(view, 1, littleEndian),
    quaternion: Array.from({ length: 6 }, (_, n) => layout.quaternion(view, n, littleEndian)),
    srow: Array.from({ length: 12 }, (_, index) => layout.srow(view, index, littleEndian)),
  });
  const scaling = scalingOf(layout.slope(view, littleEndian), layout.intercept(view, littleEndian));
  const shape = [depth, height, width] as const;
  return { version, littleEndian, shape, frames, dataType, voxelOffset, scaling, ...placement };
}

function readVersion(
  bytes: Uint8Array,
  view: DataView,
  isPair: boolean,
): { version: 1 | 2; littleEndian: boolean } {
  const found = ([true, false] as const)
    .map((littleEndian) => ({ littleEndian, version: versionOf(view, littleEndian) }))
    .find(({ version }) => version !== null);
  if (!found?.version) {
    throw new PlannerError(
      "format",
      "file must be NIfTI (a header of 348 or 540 bytes), " +
        `got ${bytes.length} bytes of something else`,
    );
  }
  const { littleEndian, version } = found;
  const size = layouts[version].size + (isPair ? 0 : 4);
  if (bytes.length < size) {
    throw new PlannerError(
      "format",
      `NIfTI header ends early: it takes ${size} bytes, the file holds ${bytes.length}; ` +
        "copy the file again",
    );
  }
  const at = version === 1 ? 344 : 4;
  requireMagic(String.fromCharCode(...bytes.subarray(at, at + 3)), version, isPair);
  return { version, littleEndian };
}

/** The version whose header size stands in the first four bytes. */
function versionOf(view: DataView, littleEndian: boolean): 1 | 2 | null {
  if (view.byteLength < 4) return null;
  const size = view.getInt32(0, littleEndian);
  return size === layouts[1].size ? 1 : size === layouts[2].size ? 2 : null;
}

function requireMagic(magic: string, version: 1 | 2, isPair: boolean): void {
  if (magic === (isPair ? `ni${version}` : `n+${version}`)) return;
  if (magic === `ni${version}`) {
    throw new PlannerError(
      "format",
      "NIfTI header and voxels must stand in one file (.nii), got a pair (.hdr and .img); " +
        "give both files or convert it to .nii.gz",
    );
  }
  throw new PlannerError(
    "format",
    `file must be NIfTI (with the mark ${isPair ? "ni" : "n+"}${version}), got a header without it, ` +
      "perhaps Analyze 7.5; convert it to .nii.gz",
  );
}

function requireInteger(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const rule = max > 1e6 ? `a positive integer` : `an integer from ${min} to ${max}`;
  throw new PlannerError("format", `NIfTI header: ${name} must be ${rule}, got ${value}`);
}

function dataTypeOf(code: number): NiftiDataType {
  for (const [name, { code: known }] of Object.entries(niftiDataTypes)) {
    if (known === code) return name as NiftiDataType;
  }
  throw new PlannerError(
    "format",
    `voxels must be one real number each (${Object.keys(niftiDataTypes).join(", ")}), ` +
      `got ${refusedDataTypes[code] ?? `data type code ${code}`}`,
  );
}

/** 0 stands for "right after the header", as some writers leave it. */
function readVoxelOffset(value: number, min: number): number {
  if (value === 0) return min;
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new PlannerError(
    "format",
    `NIfTI header: vox_offset must be an integer of at least ${min} bytes, got ${value}`,
  );
}

function scalingOf(slope: number, intercept: number): NiftiHeader["scaling"] {
  if (!Number.isFinite(slope) || slope === 0) return null;
  if (!Number.isFinite(intercept)) {
    throw new PlannerError(
      "format",
      `NIfTI header: scl_inter must be a finite number, got ${intercept}`,
    );
  }
  return slope === 1 && intercept === 0 ? null : { slope, intercept };
}
