import { strFromU8, strToU8 } from "fflate";
import { messageOf, PlannerError } from "../errors.ts";

/** A tensor of a weights file, row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a weights file holds. */
export interface WeightsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Longest header that is read, bytes; the format's own limit. */
const LONGEST_HEADER = 100_000_000;

/**
 * Weights as a safetensors file: float32, tensors in the order given, the header padded with
 * spaces to a multiple of 8 bytes.
 *
 * Source: https://github.com/huggingface/safetensors, "Format".
 */
export function writeSafetensors({ tensors, metadata }: WeightsFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = offset + 4 * values.length;
    header[name] = { dtype: "F32", shape: [...shape], data_offsets: [offset, end] };
    offset = end;
  }
  const json = strToU8(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + length + offset);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length);
  file.set(json, 8);
  let at = 8 + length;
  for (const { values } of tensors.values()) {
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return file;
}

/**
 * The tensors of a safetensors file as float32; F64, F16 and BF16 are converted.
 *
 * @throws PlannerError "format" saying what about the file is wrong
 */
export function readSafetensors(bytes: Uint8Array): WeightsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= 8 ? Number(view.getBigUint64(0, true)) : Number.NaN;
  if (!(length >= 2 && length <= LONGEST_HEADER && 8 + length <= bytes.length)) {
    throw refusal("it does not start with a header of safetensors");
  }
  const header = parsedHeader(bytes.subarray(8, 8 + length));
  const metadata: Record<string, string> = {};
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      for (const [key, value] of Object.entries(isRecord(entry) ? entry : {})) {
        metadata[key] = String(value);
      }
    } else tensors.set(name, tensorOf(name, entry, bytes.subarray(8 + length)));
  }
  return { tensors, metadata };
}

function parsedHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(strFromU8(bytes));
    if (isRecord(header)) return header;
  } catch (error) {
    throw refusal(`its header is no JSON (${messageOf(error)})`);
  }
  throw refusal("its header is no list of tensors");
}

const readers: Readonly<
  Record<string, { readonly bytes: number; read(view: DataView, at: number): number }>
> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => halfOf(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => brainOf(view.getUint16(at, true)) },
};

function tensorOf(name: string, entry: unknown, data: Uint8Array): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const reader = typeof dtype === "string" ? readers[dtype] : undefined;
  if (!reader) throw refusal(`tensor ${name} is of type ${String(dtype)}, which is not read`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw refusal(`tensor ${name} has no shape or place`);
  }
  const [start = 0, end = 0] = offsets;
  const count = shape.reduce((product, size) => product * size, 1);
  if (end > data.length || end - start !== count * reader.bytes) {
    throw refusal(`tensor ${name} of [${shape.join(", ")}] does not lie within the file`);
  }
  const view = new DataView(data.buffer, data.byteOffset + start, end - start);
  const values = Float32Array.from({ length: count }, (_, index) =>
    reader.read(view, index * reader.bytes),
  );
  return { shape, values };
}

function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function brainOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] ?? 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(why: string): PlannerError {
  return new PlannerError("format", `the weights cannot be read: ${why}`);
}
