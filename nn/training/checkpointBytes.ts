import { crc32 } from "#core/formats/crc32.ts";
import type { Weights } from "../engine.ts";
import type { TrainingPoint } from "./trainNetwork.ts";

/** A point of a training with what it belongs to. */
export interface Checkpoint {
  /** Names all that decides the numbers of the training; another key is another training. */
  readonly key: string;
  /** Work done so far, seconds. */
  readonly seconds: number;
  readonly point: TrainingPoint;
}

interface Header {
  readonly key: string;
  readonly seconds: number;
  readonly steps: number;
  readonly losses: number;
  readonly moments: number;
  readonly weights: readonly (readonly [name: string, count: number])[];
}

/** "SWC1": the layout below. */
const MAGIC = 0x31435753;
/** Magic, CRC-32 of all that follows it, length of the header in bytes, 0. */
const PREFIX = 16;

/**
 * A checkpoint as bytes: prefix, header (JSON in ASCII, filled up with spaces to whole 8 bytes),
 * losses as float64, weights and then each moment as float32.
 */
export function encodeCheckpoint({ key, seconds, point }: Checkpoint): Uint8Array<ArrayBuffer> {
  const { losses, state } = point;
  const header: Header = {
    ...{ key, seconds, steps: state.steps, losses: losses.length, moments: state.moments.length },
    weights: [...state.weights].map(([name, { length }]) => [name, length] as const),
  };
  const text = asciiOf(JSON.stringify(header));
  const count = header.weights.reduce((sum, [, length]) => sum + length, 0);
  const at = PREFIX + text.length;
  const bytes = new Uint8Array(at + 8 * losses.length + 4 * count * (1 + state.moments.length));
  for (let i = 0; i < text.length; i++) bytes[PREFIX + i] = text.charCodeAt(i);
  new Float64Array(bytes.buffer, at, losses.length).set(losses);
  let place = at + 8 * losses.length;
  for (const tensors of [state.weights, ...state.moments]) {
    for (const [name, length] of header.weights) {
      const values = tensors.get(name) ?? new Float32Array(length);
      new Float32Array(bytes.buffer, place, length).set(values);
      place += 4 * length;
    }
  }
  const prefix = new Uint32Array(bytes.buffer, 0, 4);
  prefix.set([MAGIC, 0, text.length, 0]);
  prefix[1] = crc32(bytes.subarray(8));
  return bytes;
}

/** The checkpoint that bytes are; null when they are none or were damaged. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint | null {
  if (bytes.length < PREFIX) return null;
  // Typed arrays must begin at whole elements, which a view into a larger buffer need not.
  const { buffer } = bytes.slice();
  const [magic, crc, headerLength = 0] = new Uint32Array(buffer, 0, 4);
  if (magic !== MAGIC || crc !== crc32(bytes.subarray(8))) return null;
  let text = "";
  for (const one of new Uint8Array(buffer, PREFIX, headerLength)) text += String.fromCharCode(one);
  const { key, seconds, steps, losses, moments, weights } = JSON.parse(text) as Header;
  let at = PREFIX + headerLength;
  const known = Array.from(new Float64Array(buffer, at, losses));
  at += 8 * losses;
  const tensors = Array.from({ length: 1 + moments }, (): Weights => {
    const read = new Map<string, Float32Array>();
    for (const [name, length] of weights) {
      read.set(name, new Float32Array(buffer, at, length));
      at += 4 * length;
    }
    return read;
  });
  const [first = new Map<string, Float32Array>(), ...rest] = tensors;
  return {
    key,
    seconds,
    point: { losses: known, state: { steps, weights: first, moments: rest } },
  };
}

/** Characters beyond ASCII as JSON writes them. */
function asciiOf(json: string): string {
  const escaped = json.replace(
    /[^\x20-\x7e]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return escaped.padEnd(Math.ceil(escaped.length / 8) * 8);
}
