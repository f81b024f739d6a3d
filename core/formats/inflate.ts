import { Inflate, Unzlib } from "fflate";
import { messageOf, PlannerError } from "../errors.ts";

/** Compressed bytes inflated at a time; deflate makes at most 1032 times as many of them. */
const STEP = 2 ** 14;

/**
 * The inflated bytes of a deflate stream. Memory grows with what was really inflated.
 *
 * @param kind - "zlib" with header and checksum (RFC 1950), "raw" without (RFC 1951)
 * @param maxBytes - inflated bytes at which it gives up
 * @throws PlannerError "format" when the data is damaged, ends early or grows past `maxBytes`
 */
export function inflate(bytes: Uint8Array, kind: "zlib" | "raw", maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  const take = (part: Uint8Array) => {
    total += part.length;
    if (total > maxBytes) {
      throw new PlannerError(
        "format",
        `compressed data must hold at most ${maxBytes} bytes, got more; copy the file again`,
      );
    }
    parts.push(part);
  };
  const stream = kind === "zlib" ? new Unzlib(take) : new Inflate(take);
  try {
    for (let at = 0; at < bytes.length; at += STEP) {
      stream.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length);
    }
  } catch (error) {
    if (error instanceof PlannerError) throw error;
    throw new PlannerError(
      "format",
      `compressed data is damaged or ends early (${messageOf(error)}); copy the file again`,
      { cause: error },
    );
  }
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
