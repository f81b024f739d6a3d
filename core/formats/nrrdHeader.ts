import { PlannerError } from "../errors.ts";
import { latin1 } from "./textNumbers.ts";

/** Fields and key/value pairs of an NRRD header, as text. */
export interface NrrdHeader {
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly keys: ReadonlyMap<string, string>;
  /** Byte at which data starts when it is attached. */
  readonly end: number;
}

/** Headers are text of a few hundred lines; a longer one is no header. */
const MAX_HEADER_BYTES = 2 ** 20;

/** Whether bytes begin like an NRRD file. */
export function isNrrd(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 4)) === "NRRD";
}

/**
 * The lines of an NRRD header up to the empty line (or the end of a detached header).
 *
 * @throws PlannerError "format" when it is no NRRD file or a line is none of the format's
 *
 * Source: G. Kindlmann, Definition of NRRD File Format (teem.sourceforge.net/nrrd/format.html).
 */
export function readNrrdHeader(bytes: Uint8Array): NrrdHeader {
  if (!isNrrd(bytes)) {
    throw new PlannerError("format", "file must be NRRD (begin with NRRD000), got other bytes");
  }
  const { text, end } = headerText(bytes);
  const fields = new Map<string, string>();
  const keys = new Map<string, string>();
  const [, ...lines] = text.split(/\r?\n/);
  for (const line of lines) {
    if (line.startsWith("#") || line.trim() === "") continue;
    const pair = /^([^:]+):([ =])(.*)$/.exec(line) ?? /^([^:]+):()(.*)$/.exec(line);
    if (!pair) {
      throw new PlannerError(
        "format",
        `NRRD header: a line must be a field or a key, got ${JSON.stringify(line.slice(0, 60))}`,
      );
    }
    const [, name = "", mark, value = ""] = pair;
    if (mark === "=") keys.set(name, value.trim());
    else fields.set(name.trim().toLowerCase(), value.trim());
  }
  return { fields, keys, end };
}

function headerText(bytes: Uint8Array): { text: string; end: number } {
  const limit = Math.min(bytes.length, MAX_HEADER_BYTES);
  let previous = -1;
  for (let at = bytes.indexOf(10); at >= 0 && at < limit; at = bytes.indexOf(10, at + 1)) {
    const isEmpty = at === previous + 1 || (at === previous + 2 && bytes[at - 1] === 13);
    if (previous >= 0 && isEmpty) return { text: latin1(bytes.subarray(0, at)), end: at + 1 };
    previous = at;
  }
  if (bytes.length > MAX_HEADER_BYTES) {
    throw new PlannerError("format", "NRRD header must end with an empty line, got none");
  }
  return { text: latin1(bytes), end: bytes.length };
}
