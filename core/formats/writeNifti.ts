import { PlannerError } from "../errors.ts";
import { determinantOf, spacingOf, stepOf } from "../volume/affine.ts";
import type { Affine, Grid } from "../volume/grid.ts";
import type { Mask, Volume, VoxelArray } from "../volume/volume.ts";
import { type NiftiDataType, niftiDataTypes } from "./niftiHeader.ts";

const HEADER_BYTES = 352;

/**
 * A volume, or a mask on a grid, as an uncompressed NIfTI-1 file (.nii), little-endian.
 *
 * The affine is written as sform and, where its axes are at right angles, as qform too; a
 * sheared grid has no qform. Masks are uint8, unannotated voxels 255.
 *
 * @param grid - where a mask lies; of the mask's shape
 * @throws PlannerError "argument" when a side has more than 32767 voxels (the format's
 *   limit) or mask and grid differ in shape
 */
export function writeNifti(volume: Volume): Uint8Array;
export function writeNifti(mask: Mask, grid: Grid): Uint8Array;
export function writeNifti(content: Volume | Mask, place?: Grid): Uint8Array {
  const grid = "affine" in content ? content : (place as Grid);
  const voxels = "voxels" in content ? content.voxels : content.classes;
  const { shape, affine } = grid;
  if (content.shape.some((count, axis) => count !== shape[axis])) {
    throw new PlannerError(
      "argument",
      `grid must have the shape of its mask [${content.shape.join(", ")}], ` +
        `got [${shape.join(", ")}]`,
    );
  }
  if (shape.some((count) => !Number.isInteger(count) || count < 1 || count > 32767)) {
    throw new PlannerError(
      "argument",
      `shape must be 1 to 32767 voxels along each axis in NIfTI-1, got [${shape.join(", ")}]`,
    );
  }
  const dataType = dataTypeOf(voxels);
  const { code, bytes: size } = niftiDataTypes[dataType];
  const file = new Uint8Array(HEADER_BYTES + voxels.length * size);
  const view = new DataView(file.buffer);
  const [depth, height, width] = shape;
  view.setInt32(0, 348, true);
  [3, width, height, depth, 1, 1, 1, 1].forEach((count, index) => {
    view.setInt16(40 + 2 * index, count, true);
  });
  view.setInt16(70, code, true);
  view.setInt16(72, 8 * size, true);
  view.setFloat32(108, HEADER_BYTES, true);
  view.setFloat32(112, 1, true);
  view.setUint8(123, 2); // mm
  writePlace(view, affine);
  file.set([0x6e, 0x2b, 0x31, 0], 344); // n+1
  writeVoxels(view, voxels, dataType);
  return file;
}

function dataTypeOf(voxels: VoxelArray): NiftiDataType {
  return voxels[Symbol.toStringTag].replace("Array", "").toLowerCase() as NiftiDataType;
}

function writePlace(view: DataView, affine: Affine): void {
  const [dk, dj, di] = spacingOf(affine);
  const quaternion = quaternionOf(affine);
  [quaternion?.sign ?? 1, di, dj, dk, 1, 1, 1, 1].forEach((size, index) => {
    view.setFloat32(76 + 4 * index, size, true);
  });
  view.setInt16(252, quaternion ? 1 : 0, true);
  view.setInt16(254, 1, true);
  const shift = [affine[3], affine[7], affine[11]];
  [...(quaternion?.bcd ?? [0, 0, 0]), ...shift].forEach((value, index) => {
    view.setFloat32(256 + 4 * index, value, true);
  });
  affine.forEach((value, index) => {
    view.setFloat32(280 + 4 * index, value, true);
  });
}

/**
 * The rotation of an affine as (b, c, d) of a quaternion of unit length with a >= 0, and the
 * sign of its third axis; null when axes are not at right angles.
 */
function quaternionOf(affine: Affine): { bcd: number[]; sign: 1 | -1 } | null {
  const sign = determinantOf(affine) < 0 ? -1 : 1;
  const unit = (column: 0 | 1 | 2, factor = 1) => {
    const step = stepOf(affine, column);
    return step.map((mm) => (factor * mm) / Math.hypot(...step)) as [number, number, number];
  };
  const [x, y, z] = [unit(0), unit(1), unit(2, sign)];
  const dot = (p: typeof x, q: typeof x) => p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  if (Math.max(Math.abs(dot(x, y)), Math.abs(dot(x, z)), Math.abs(dot(y, z))) > 1e-5) return null;
  const length = (value: number) => Math.sqrt(Math.max(0, 1 + value)) / 2;
  // The largest of the four is found without cancellation; the others follow from it.
  const a = length(x[0] + y[1] + z[2]);
  const b = length(x[0] - y[1] - z[2]);
  const c = length(y[1] - x[0] - z[2]);
  const d = length(z[2] - x[0] - y[1]);
  const [m21, m02, m10] = [y[2] - z[1], z[0] - x[2], x[1] - y[0]];
  const [s10, s02, s21] = [x[1] + y[0], x[2] + z[0], y[2] + z[1]];
  const largest = Math.max(a, b, c, d);
  const four =
    largest === a
      ? [4 * a * a, m21, m02, m10]
      : largest === b
        ? [m21, 4 * b * b, s10, s02]
        : largest === c
          ? [m02, s10, 4 * c * c, s21]
          : [m10, s02, s21, 4 * d * d];
  const towards = (four[0] as number) < 0 ? -1 : 1;
  return { bcd: four.slice(1).map((value) => (towards * value) / (4 * largest)), sign };
}

function writeVoxels(view: DataView, voxels: VoxelArray, dataType: NiftiDataType): void {
  const size = niftiDataTypes[dataType].bytes;
  const setters = {
    1: (at: number, value: number) => view.setUint8(at, value),
    2: (at: number, value: number) => view.setUint16(at, value, true),
    4:
      dataType === "float32"
        ? (at: number, value: number) => view.setFloat32(at, value, true)
        : (at: number, value: number) => view.setUint32(at, value, true),
    8: (at: number, value: number) => view.setFloat64(at, value, true),
  };
  const set = setters[size];
  for (let index = 0; index < voxels.length; index++) {
    set(HEADER_BYTES + index * size, voxels[index] as number);
  }
}
