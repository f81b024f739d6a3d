import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where reference numbers and real volumes lie, beside the project. */
export const sharedFolder = fileURLToPath(new URL("../../shared/", import.meta.url));

/** Whether they are there; tests that need them say so and skip. */
export const hasShared = existsSync(`${sharedFolder}reference`);

/** A tensor as the manifests of `shared/reference` describe it. */
export interface ReferenceTensor {
  readonly dtype: "f32" | "u8" | "i32";
  readonly shape: readonly number[];
  readonly offset: number;
  readonly stride?: number;
  readonly full_shape?: readonly number[];
}

const arrays = { f32: Float32Array, u8: Uint8Array, i32: Int32Array } as const;

/** A section of the reference: its manifest and a reader of its tensors (C order). */
export function referenceSection<M = Record<string, unknown>>(name: string) {
  const folder = `${sharedFolder}reference/${name}`;
  const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8")) as M;
  const buffers = new Map<string, ArrayBuffer>();
  const bufferOf = (dtype: string): ArrayBuffer => {
    const known = buffers.get(dtype);
    if (known) return known;
    const bytes = readFileSync(`${folder}/data.${dtype}`);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    buffers.set(dtype, buffer as ArrayBuffer);
    return buffer as ArrayBuffer;
  };
  const get = (tensor: ReferenceTensor) => {
    const { dtype, offset, stride = 1 } = tensor;
    const shape = stride > 1 ? (tensor.full_shape ?? tensor.shape) : tensor.shape;
    const count = Math.ceil(shape.reduce((a, b) => a * b, 1) / stride);
    return new arrays[dtype](bufferOf(dtype), offset * arrays[dtype].BYTES_PER_ELEMENT, count);
  };
  return { manifest, get };
}
