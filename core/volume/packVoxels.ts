import type { VoxelArray } from "./volume.ts";

/** value = stored * slope + intercept, rounded to float32 */
export interface VoxelScale {
  readonly slope: number;
  readonly intercept: number;
}

/** Voxels in the smallest integers that give every one of them back. */
export interface PackedVoxels {
  readonly stored: VoxelArray;
  /** null: stored values are the values */
  readonly scale: VoxelScale | null;
}

const integers = [
  { min: 0, max: 0xff, Array: Uint8Array },
  { min: -0x8000, max: 0x7fff, Array: Int16Array },
  { min: 0, max: 0xffff, Array: Uint16Array },
] as const;

/**
 * Voxels as uint8, int16 or uint16 where that loses nothing: whole numbers, or what a slope
 * and intercept make of whole numbers. Others stay as they are.
 *
 * @param scaling - slope and intercept that made the values, where a file told them
 */
export function packVoxels(voxels: VoxelArray, scaling: VoxelScale | null): PackedVoxels {
  if (voxels.BYTES_PER_ELEMENT === 1) return { stored: voxels, scale: null };
  const whole = asIntegers(voxels, { slope: 1, intercept: 0 });
  if (whole) return { stored: whole, scale: null };
  const isFloat = voxels instanceof Float32Array;
  const stored = scaling && isFloat ? asIntegers(voxels, scaling) : null;
  return stored ? { stored, scale: scaling } : { stored: voxels, scale: null };
}

/** The voxels that were packed, in the array they came in. */
export function unpackVoxels(
  { stored, scale }: PackedVoxels,
  OwnArray: new (length: number) => VoxelArray,
): VoxelArray {
  if (stored.constructor === OwnArray) return stored;
  const voxels = new OwnArray(stored.length);
  const { slope, intercept } = scale ?? { slope: 1, intercept: 0 };
  for (let index = 0; index < voxels.length; index++) {
    voxels[index] = (stored[index] as number) * slope + intercept;
  }
  return voxels;
}

function asIntegers(
  voxels: VoxelArray,
  scale: VoxelScale,
): Uint8Array | Int16Array | Uint16Array | null {
  const isWhole = scale.slope === 1 && scale.intercept === 0;
  const range = isWhole ? wholeRange(voxels) : scaledRange(voxels, scale);
  const type = range && integers.find(({ min, max }) => range.low >= min && range.high <= max);
  if (!type || type.Array.BYTES_PER_ELEMENT >= voxels.BYTES_PER_ELEMENT) return null;
  const packed = new type.Array(voxels.length);
  for (let index = 0; index < packed.length; index++) {
    const value = voxels[index] as number;
    packed[index] = isWhole ? value : storedOf(value, scale);
  }
  return packed;
}

function storedOf(value: number, { slope, intercept }: VoxelScale): number {
  return Math.round((value - intercept) / slope);
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** Range of whole numbers; null when one is none, or is -0, which would not come back. */
function wholeRange(voxels: VoxelArray): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < voxels.length; index++) {
    const value = voxels[index] as number;
    if (!Number.isInteger(value) || Object.is(value, -0)) return null;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** Range of the stored numbers that give every value back; null when one does not. */
function scaledRange(voxels: VoxelArray, scale: VoxelScale): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < voxels.length; index++) {
    const value = voxels[index] as number;
    const stored = storedOf(value, scale);
    const back = Math.fround(stored * scale.slope + scale.intercept);
    if (!Object.is(back, value)) return null;
    if (stored < low) low = stored;
    if (stored > high) high = stored;
  }
  return { low, high };
}
