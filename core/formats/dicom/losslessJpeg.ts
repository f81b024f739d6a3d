import { PlannerError } from "../../errors.ts";

/**
 * The values of a lossless JPEG image (process 14) of one component, row by row.
 *
 * @param bytes - a codestream from SOI to EOI
 * @throws PlannerError "format" when it is no such image, is damaged or ends early
 *
 * Source: ITU-T T.81, annexes B, C, F.2.2.3 and H.
 */
export function decodeLosslessJpeg(bytes: Uint8Array): Uint16Array {
  const scan = readScan(bytes);
  const { rows, columns } = scan;
  // Every value takes a bit at least.
  if (rows * columns > 8 * bytes.length) throw damaged(`${bytes.length} bytes hold no such image`);
  const values = new Uint16Array(rows * columns);
  decodeInto(values, scan, new BitReader(bytes, scan.start));
  return scan.pointTransform === 0 ? values : values.map((value) => value << scan.pointTransform);
}

function decodeInto(values: Uint16Array, scan: Scan, bits: BitReader): void {
  const { columns } = scan;
  const middle = 1 << (scan.precision - scan.pointTransform - 1);
  const interval = scan.restartInterval || values.length;
  for (let start = 0; start < values.length; start += interval) {
    if (start > 0) bits.skipRestart();
    values[start] = middle + bits.difference(scan.table);
    // The rest of the row is predicted from the left, as at the top.
    const firstRowEnd = start - (start % columns) + columns;
    const end = Math.min(start + interval, values.length);
    for (let at = start + 1; at < end; at++) {
      const inside = at % columns === 0 ? 2 : scan.predictor;
      const predictor = at < firstRowEnd ? 1 : inside;
      values[at] = predict(values, at, columns, predictor) + bits.difference(scan.table);
    }
  }
  if (bits.isPastEnd) throw damaged("it ends early");
}

/** Annex H, table H.1: from the left, above and above left. */
function predict(values: Uint16Array, at: number, columns: number, predictor: number): number {
  const a = values[at - 1] as number;
  if (predictor === 1) return a;
  const b = values[at - columns] as number;
  const c = values[at - columns - 1] as number;
  switch (predictor) {
    case 2:
      return b;
    case 3:
      return c;
    case 4:
      return a + b - c;
    case 5:
      return a + ((b - c) >> 1);
    case 6:
      return b + ((a - c) >> 1);
    default:
      return (a + b) >> 1;
  }
}

interface Scan extends Frame {
  readonly predictor: number;
  readonly pointTransform: number;
  /** Values between restart markers, 0: none. */
  readonly restartInterval: number;
  readonly table: HuffmanTable;
  /** First byte of entropy-coded data. */
  readonly start: number;
}

/** By the next 16 bits: length of the code in the high byte, its value in the low one. */
type HuffmanTable = Uint16Array;

function readScan(bytes: Uint8Array): Scan {
  const tables = new Map<number, HuffmanTable>();
  let frame: Frame | null = null;
  let restartInterval = 0;
  for (const { marker, body, end } of segmentsOf(bytes)) {
    if (marker === 0xffc4) readTables(body, tables);
    if (marker === 0xffc3) frame = readFrame(body);
    if (marker === 0xffdd) restartInterval = (body[0] ?? 0) * 256 + (body[1] ?? 0);
    if (marker !== 0xffda) continue;
    if (!frame) break;
    const header = readScanHeader(body, tables, frame.precision);
    return { ...frame, ...header, restartInterval, start: end };
  }
  throw damaged("its header is not that of a lossless image");
}

/** Marker segments up to the first that is none. */
function* segmentsOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = view.getUint16(at);
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === 0xffff) {
      at++;
      continue;
    }
    if (marker < 0xff00 || end < at + 4 || end > bytes.length) return;
    yield { marker, body: bytes.subarray(at + 4, end), end };
    at = end;
  }
}

interface Frame {
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
}

function readFrame(body: Uint8Array): Frame {
  const [precision = 0, r1 = 0, r0 = 0, c1 = 0, c0 = 0, components = 0] = body;
  if (components !== 1 || precision < 2 || precision > 16) {
    throw damaged(`one component of 2 to 16 bits is read, got ${components} of ${precision}`);
  }
  return { precision, rows: r1 * 256 + r0, columns: c1 * 256 + c0 };
}

function readScanHeader(
  body: Uint8Array,
  tables: ReadonlyMap<number, HuffmanTable>,
  precision: number,
) {
  const [components, , destination = 0, predictor = 0, , approximation = 0] = body;
  const table = tables.get(destination >> 4);
  const pointTransform = approximation & 15;
  const isRight =
    components === 1 && predictor >= 1 && predictor <= 7 && pointTransform < precision;
  if (table && isRight) return { table, predictor, pointTransform };
  throw damaged("its scan is not that of a lossless image");
}

/** Annex C: codes of one length count up; the next length goes on from twice that. */
function readTables(body: Uint8Array, tables: Map<number, HuffmanTable>): void {
  let at = 0;
  while (at + 17 <= body.length) {
    const destination = (body[at] as number) & 15;
    const table = new Uint16Array(2 ** 16);
    let next = at + 17;
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      const count = body[at + length] as number;
      for (let n = 0; n < count; n++, next++, code += 2 ** (16 - length)) {
        const value = body[next];
        if (value === undefined || value > 16 || code >= 2 ** 16)
          throw damaged("a code table is wrong");
        table.fill(length * 256 + value, code, code + 2 ** (16 - length));
      }
    }
    // A lossless image of one component needs one; thousands would cost time.
    if (tables.has(destination)) throw damaged("it has a code table twice");
    tables.set(destination, table);
    at = next;
  }
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #buffer = 0;
  #count = 0;
  #missing = 0;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Whether more was read than there is; the last code may look a little further. */
  get isPastEnd(): boolean {
    return this.#missing * 8 > this.#count;
  }

  /** The next difference: a code that says how many bits it has, and those bits. */
  difference(table: HuffmanTable): number {
    this.#fill();
    const entry = table[(this.#buffer >>> (this.#count - 16)) & 0xffff] as number;
    if (entry === 0) throw damaged("it holds a code that its table lacks");
    this.#count -= entry >> 8;
    const size = entry & 0xff;
    if (size === 0) return 0;
    if (size === 16) return 32768;
    this.#fill();
    const value = (this.#buffer >>> (this.#count - size)) & ((1 << size) - 1);
    this.#count -= size;
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  skipRestart(): void {
    this.#count = 0;
    this.#buffer = 0;
    if (this.#missing > 0 || this.#bytes[this.#at] !== 0xff) throw damaged("a restart is missing");
    this.#at += 2;
  }

  /** At least 16 bits; zeros where data has ended. */
  #fill(): void {
    while (this.#count < 16) {
      let byte = this.#bytes[this.#at];
      const isMarker = byte === 0xff && this.#bytes[this.#at + 1] !== 0;
      if (byte === undefined || isMarker) {
        byte = 0;
        this.#missing++;
        if (this.#missing > 4) throw damaged("it ends early");
      } else this.#at += byte === 0xff ? 2 : 1;
      this.#buffer = (this.#buffer << 8) | byte;
      this.#count += 8;
    }
  }
}

function damaged(why: string): PlannerError {
  return new PlannerError("format", `lossless JPEG data is damaged: ${why}; copy the file again`);
}
