import type { VoxelArray } from "../volume/volume.ts";

/** Numbers that formats store, one per voxel, and the bytes each takes. */
export const voxelTypes = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  float64: 8,
  int64: 8,
  uint64: 8,
} as const;
export type VoxelType = keyof typeof voxelTypes;

/**
 * Voxels from bytes as stored; the bytes are copied, so they may be part of a larger buffer,
 * unless nobody else has them.
 * 64-bit integers become the smallest type that holds them exactly, float64 where none does
 * (exact to 2^53).
 *
 * @param bytes - a whole number of voxels
 * @param isOwn - the bytes may become the voxels; they must then not be used otherwise
 */
export function storedVoxels(
  bytes: Uint8Array,
  type: VoxelType,
  littleEndian: boolean,
  isOwn = false,
): VoxelArray {
  const size = voxelTypes[type];
  if (isOwn && bytes.byteOffset % size === 0) {
    if (size > 1 && littleEndian !== isLittleEndianHere) swapBytes(bytes, size);
    return arrayOf(type, bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length / size);
  }
  // A Buffer of Node keeps its memory when sliced; a new array does not.
  const own = new Uint8Array(bytes);
  if (size > 1 && littleEndian !== isLittleEndianHere) swapBytes(own, size);
  return arrayOf(type, own.buffer);
}

/** `stored * slope + intercept` as float32. */
export function scaledVoxels(stored: VoxelArray, slope: number, intercept: number): Float32Array {
  const values = new Float32Array(stored.length);
  for (let index = 0; index < values.length; index++) {
    values[index] = (stored[index] as number) * slope + intercept;
  }
  return values;
}

/** An array of a type; 64-bit integers that were not read from bytes become float64. */
export function emptyVoxels(type: VoxelType, length: number): VoxelArray {
  return new plainArrays[type](length);
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

const plainArrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
  int64: Float64Array,
  uint64: Float64Array,
} as const;

function arrayOf(type: VoxelType, buffer: ArrayBuffer, start = 0, length?: number): VoxelArray {
  if (type === "int64") return narrowed(new BigInt64Array(buffer, start, length));
  if (type === "uint64") return narrowed(new BigUint64Array(buffer, start, length));
  return new plainArrays[type](buffer, start, length);
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
