import { PlannerError } from "#core/errors.ts";
import { kernelBytes } from "./generated/kernelBytes.ts";

/** Memory of a WebAssembly module, in pages of 64 KiB. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A compiled module; opaque. */
export type WasmModule = object & { readonly wasmModule?: never };

declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: object): Promise<{ readonly exports: WasmKernels }>;
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
};

type Kernel = (...parameters: number[]) => void;

/**
 * The compiled kernels; parameters as in `assembly/`, addresses and steps in bytes.
 * Meanings are those of the plain loops in `nn/kernels/<op>/<op>.reference.ts`.
 */
export interface WasmKernels {
  readonly convForward: Kernel;
  readonly convFilter: Kernel;
  readonly addFilter: Kernel;
  readonly packForward: Kernel;
  readonly packTransposed: Kernel;
  readonly padSample: Kernel;
  readonly sumPlaces: Kernel;
  readonly swapAxes: Kernel;
  readonly normForward: Kernel;
  readonly normBackward: Kernel;
  readonly maxPoolForward: Kernel;
  readonly maxPoolBackward: Kernel;
  readonly upsampleForward: Kernel;
  readonly upsampleBackward: Kernel;
  readonly activation: Kernel;
  readonly addTo: Kernel;
  readonly clear: Kernel;
  readonly maskGradient: Kernel;
  readonly adamw: Kernel;
  readonly lossAndGradient: (...parameters: number[]) => number;
  readonly firstFree: () => number;
}

/**
 * Compiles the kernels for this processor.
 *
 * @throws PlannerError "device" where WebAssembly or its SIMD instructions are missing
 */
export async function compileKernels(): Promise<WasmModule> {
  try {
    return await WebAssembly.compile(bytesOf(kernelBytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PlannerError(
      "device",
      `this browser or runtime cannot run WebAssembly with SIMD (${reason}); use a newer one`,
      { cause },
    );
  }
}

/** Kernels that work on a memory of their own, which starts empty. */
export async function instantiateKernels(
  module: WasmModule,
): Promise<{ kernels: WasmKernels; memory: WasmMemory }> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return { kernels: exports, memory };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes of base64 text; neither `atob` nor `Buffer` is everywhere. */
function bytesOf(base64: string): Uint8Array {
  const digits = base64.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let at = 0;
  for (let index = 0; index < digits.length; index++) {
    bits = ((bits << 6) | alphabet.indexOf(digits.charAt(index))) & 0xffffff;
    const pending = ((index + 1) * 6) % 8;
    if (pending < 6) bytes[at++] = bits >> pending;
  }
  return bytes;
}
