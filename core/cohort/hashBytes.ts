import type { VoxelArray } from "../volume/volume.ts";

/**
 * A 64-bit hash of an array's bytes as 16 hexadecimal digits: a name for content, not a
 * secret. Two 32-bit lanes run over the bytes as 32-bit words of this machine's order, one
 * multiplying before it mixes (MurmurHash3), one after (FNV-1a with a rotation, so that high
 * bits reach low ones); the last 1 to 3 bytes count as a word padded with zeros, and the
 * length closes both.
 *
 * Source: A. Appleby, MurmurHash3; Fowler, Noll and Vo, FNV-1a.
 */
export function hashBytes(array: VoxelArray): string {
  const { buffer, byteOffset, byteLength } = array;
  const isAligned = byteOffset % 4 === 0;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const wordCount = Math.floor(byteLength / 4);
  const words = isAligned
    ? new Uint32Array(buffer, byteOffset, wordCount)
    : new Uint32Array(bytes.slice(0, 4 * wordCount).buffer);
  let a = 0x9747b28c;
  let b = 0x811c9dc5;
  const add = (word: number) => {
    const mixed = Math.imul(word, 0xcc9e2d51);
    a ^= Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
    a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    b = Math.imul(b ^ word, 0x01000193);
    b = (b << 5) | (b >>> 27);
  };
  for (let index = 0; index < wordCount; index++) add(words[index] as number);
  if (byteLength % 4 !== 0) {
    const rest = new Uint8Array(4);
    rest.set(bytes.subarray(4 * wordCount));
    add(new Uint32Array(rest.buffer)[0] as number);
  }
  add(byteLength | 0);
  return hex(finalised(a)) + hex(finalised(b));
}

function finalised(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
