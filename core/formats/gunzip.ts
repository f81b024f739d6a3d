import { Gunzip, gunzipSync } from "fflate";
import { messageOf, PlannerError } from "../errors.ts";
import { crc32 } from "./crc32.ts";

/** Largest inflated file that is read unless told otherwise: 1.5 GiB. */
export const MAX_INFLATED_BYTES = 1.5 * 2 ** 30;

/** Deflate makes at most so many bytes of one. */
const MAX_RATIO = 1032;

/** Scans shrink less than this; what is small may shrink more. */
const USUAL_RATIO = 64;
const SMALL_BYTES = 64 * 2 ** 20;

/** Compressed bytes inflated at a time. */
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
  const whole = inflatedInOneStep(bytes, maxBytes);
  if (whole) return whole;
  let inflated = new Uint8Array(Math.min(maxBytes, 2 * bytes.length));
  let total = 0;
  let member = startOfMember();
  const stream = new Gunzip((part) => {
    const end = total + part.length;
    if (end > maxBytes) throw tooLarge(maxBytes);
    member = { crc: crc32(part, member.crc), length: member.length + part.length };
    if (end > inflated.length) inflated = grown(inflated, total, Math.max(end, 1.5 * total));
    inflated.set(part, total);
    total = end;
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
  return total === inflated.length ? inflated : grown(inflated, total, total);
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

/**
 * The content of a file with one member, without a copy; null when it is none, is damaged or
 * promises more than files of its size do hold. The slower way then finds the words.
 */
function inflatedInOneStep(bytes: Uint8Array, maxBytes: number): Uint8Array | null {
  if (bytes.length < 18) return null;
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const length = trailer.getUint32(4, true);
  const usual = Math.max(USUAL_RATIO * bytes.length, SMALL_BYTES);
  if (length > Math.min(maxBytes, usual, bytes.length * MAX_RATIO)) return null;
  try {
    const out = gunzipSync(bytes, { out: new Uint8Array(length) });
    const isSound = out.length === length && crc32(out) === trailer.getUint32(0, true);
    return isSound && !isFollowed(bytes) ? out : null;
  } catch {
    return null;
  }
}

/**
 * Whether a member that ends as the file does may be followed by another: then what was
 * inflated may be the first of two alike.
 */
function isFollowed(bytes: Uint8Array): boolean {
  const end = bytes.length - 8;
  const first = bytes[end] as number;
  for (let at = bytes.indexOf(first); at >= 0 && at < end; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < 8 && bytes[at + same] === bytes[end + same]) same++;
    if (same === 8 && isGzip(bytes.subarray(at + 8, at + 10))) return true;
  }
  return false;
}

/** A copy of the first `used` bytes with room for more. */
function grown(bytes: Uint8Array, used: number, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.ceil(length));
  larger.set(bytes.subarray(0, used));
  return larger;
}
