import { PlannerError } from "../errors.ts";
import type { VoxelArray } from "../volume/volume.ts";
import { emptyVoxels, type VoxelType } from "./storedVoxels.ts";

/** Bytes as text, one character each: ASCII, and Latin-1 above it. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

/**
 * Numbers written as text, separated by white space or commas.
 *
 * @throws PlannerError "format" when there are fewer than `count` or one is no number
 */
export function textNumbers(bytes: Uint8Array, count: number, type: VoxelType): VoxelArray {
  // Each takes a digit and a separator: nothing is allocated that the bytes cannot fill.
  if (count * 2 - 1 > bytes.length) throw tooFew(count, `${bytes.length} bytes`);
  const values = emptyVoxels(type, count);
  let index = 0;
  let at = 0;
  while (index < count) {
    while (at < bytes.length && isSeparator(bytes[at] as number)) at++;
    const start = at;
    while (at < bytes.length && !isSeparator(bytes[at] as number)) at++;
    if (start === at) throw tooFew(count, `${index}`);
    const word = latin1(bytes.subarray(start, Math.min(at, start + 64)));
    const value = Number(word);
    if (Number.isNaN(value) && !/^[+-]?nan$/i.test(word)) {
      throw new PlannerError("format", `voxel ${index} must be a number, got ${word}`);
    }
    values[index++] = value;
  }
  return values;
}

function isSeparator(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c;
}

function tooFew(count: number, got: string): PlannerError {
  return new PlannerError(
    "format",
    `text must hold ${count} numbers, got ${got}; copy the file again`,
  );
}
