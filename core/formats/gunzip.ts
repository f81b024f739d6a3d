import { Gunzip } from "fflate";
import { messageOf, PlannerError } from "../errors.ts";
import { crc32 } from "./crc32.ts";

/** Largest inflated file that is read unless told otherwise: 1.5 GiB. */
export const MAX_INFLATED_BYTES = 1.5 * 2 ** 30;

/** Compressed bytes inflated at a time; deflate makes at most 1032 times as many of them. */
const STEP = 2 ** 16;

/** Whether bytes begin like gzip data. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The inflated bytes of gzip data, all members joined. Memory grows with what was really
 * inflated, never with what a header promises, and checksum and length are checked.
 *
 * @param maxBytes - inflated bytes at which it gives up
 * @throws PlannerError "format" when the data ends early, is damaged or grows past `maxBytes`
 *
 * Source: RFC 1952.
 */
export function gunzip(bytes: Uint8Array, maxBytes = MAX_INFLATED_BYTES): Uint8Array {
  if (!isGzip(bytes)) throw new PlannerError("format", "file must be gzip data, got other bytes");
  const parts: Uint8Array[] = [];
  let total = 0;
  let member = startOfMember();
  const stream = new Gunzip((part) => {
    total += part.length;
    if (total > maxBytes) throw tooLarge(maxBytes);
    member = { crc: crc32(part, member.crc), length: member.length + part.length };
    parts.push(part);
  });
  stream.onmember = (start) => {
    requireTrailer(bytes.subarray(0, start), member);
    member = startOfMember();
  };
  try {
    for (let at = 0; at < bytes.length; at += STEP) {
      stream.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length);
    }
  } catch (error) {
    throw error instanceof PlannerError ? error : inWords(error, bytes.length);
  }
  requireTrailer(bytes, member);
  return joined(parts, total);
}

/** CRC and length of the inflated part of one member. */
interface Member {
  readonly crc: number;
  readonly length: number;
}

function startOfMember(): Member {
  return { crc: 0, length: 0 };
}

/** A member ends with its CRC and its length modulo 2^32, little-endian. */
function requireTrailer(upToEnd: Uint8Array, { crc, length }: Member): void {
  const end = upToEnd.length;
  if (end < 18) throw endsEarly(end);
  const view = new DataView(upToEnd.buffer, upToEnd.byteOffset + end - 8, 8);
  if (view.getUint32(0, true) === crc && view.getUint32(4, true) === length % 2 ** 32) return;
  throw new PlannerError(
    "format",
    `gzip data is damaged or cut off: its checksum does not fit the ${length} bytes it holds; ` +
      "copy the file again",
  );
}

function inWords(error: unknown, byteCount: number): PlannerError {
  // fflate gives code 0 to an unexpected end.
  const isEnd = typeof error === "object" && error !== null && "code" in error && error.code === 0;
  if (isEnd) return endsEarly(byteCount, error);
  return new PlannerError(
    "format",
    `gzip data is damaged (${messageOf(error)}); copy the file again`,
    { cause: error },
  );
}

function endsEarly(byteCount: number, cause?: unknown): PlannerError {
  return new PlannerError(
    "format",
    `gzip data ends early, after ${byteCount} bytes; copy the file again`,
    { cause },
  );
}

function tooLarge(maxBytes: number): PlannerError {
  const mebibytes = Number((maxBytes / 2 ** 20).toPrecision(3));
  return new PlannerError(
    "format",
    `gzip data must hold at most ${mebibytes} MiB, got more; crop or resample the volume`,
  );
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array {
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
