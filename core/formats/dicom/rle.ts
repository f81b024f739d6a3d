import { PlannerError } from "../../errors.ts";

/**
 * A frame of DICOM's run-length encoding: one segment per byte of a value, the high byte
 * first, each packed by PackBits.
 *
 * @param valueCount - rows * columns
 * @param bytesPerValue - 1, 2 or 4
 * @returns values as little-endian bytes
 * @throws PlannerError "format" when segments do not fill the frame
 *
 * Source: DICOM PS3.5, annex G.
 */
export function decodeRle(
  bytes: Uint8Array,
  valueCount: number,
  bytesPerValue: number,
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length < 64 ? 0 : view.getUint32(0, true);
  if (count !== bytesPerValue) {
    throw damaged(`${bytesPerValue} segments are needed, the frame has ${count}`);
  }
  const starts = Array.from({ length: count }, (_, n) => view.getUint32(4 + 4 * n, true));
  // A pair of bytes makes at most 128.
  if (valueCount * bytesPerValue > 64 * bytes.length) {
    throw damaged(`${bytes.length} bytes cannot hold ${valueCount} values`);
  }
  const out = new Uint8Array(valueCount * bytesPerValue);
  for (const [segment, start] of starts.entries()) {
    const end = starts[segment + 1] ?? bytes.length;
    if (start < 64 || end < start || end > bytes.length) throw damaged("a segment lies outside");
    unpack(bytes.subarray(start, end), out, bytesPerValue - 1 - segment, bytesPerValue);
  }
  return out;
}

/** Writes the bytes of a segment to every `step`th place. */
function unpack(packed: Uint8Array, out: Uint8Array, first: number, step: number): void {
  let to = first;
  let at = 0;
  while (at < packed.length && to < out.length) {
    const head = packed[at++] as number;
    if (head === 128) continue;
    const isRun = head > 128;
    const end = Math.min(to + (isRun ? 257 - head : head + 1) * step, out.length);
    const advance = isRun ? 0 : 1;
    for (let from = at; to < end; to += step, from += advance) out[to] = packed[from] ?? 0;
    at += isRun ? 1 : head + 1;
  }
  if (to < out.length || at > packed.length) throw damaged("a segment ends early");
}

function damaged(why: string): PlannerError {
  return new PlannerError("format", `RLE data is damaged: ${why}; copy the file again`);
}
