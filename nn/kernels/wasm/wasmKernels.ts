import { messageOf, PlannerError } from "#core/errors.ts";
import { kernelBytes } from "./generated/kernelBytes.ts";

/** Memory of a WebAssembly module, in pages of 64 KiB. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

/** A compiled module; opaque. */
export type WasmModule = object & { readonly wasmModule?: never };

declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: WasmKernels };
  readonly Memory: new (limits: {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }) => WasmMemory;
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
  readonly groupMoments: Kernel;
  readonly groupJoin: Kernel;
  readonly groupApply: Kernel;
  readonly groupGradientSums: Kernel;
  readonly groupGradientJoin: Kernel;
  readonly groupGradient: Kernel;
  readonly normStored: Kernel;
  readonly addTwo: Kernel;
  readonly multiplyGate: Kernel;
  readonly gateGradient: Kernel;
  readonly sigmoid: Kernel;
  readonly sigmoidGradient: Kernel;
  readonly prelu: Kernel;
  readonly preluGradient: Kernel;
  readonly sumOf: Kernel;
  readonly maxPoolForward: Kernel;
  readonly maxPoolBackward: Kernel;
  readonly mixAxis: Kernel;
  readonly upsampleForward: Kernel;
  readonly upsampleBackward: Kernel;
  readonly activation: Kernel;
  readonly addTo: Kernel;
  readonly clear: Kernel;
  readonly maskGradient: Kernel;
  readonly adamw: Kernel;
  readonly affinityForward: Kernel;
  readonly affinityBackward: Kernel;
  readonly sgd: Kernel;
  readonly attentionForward: Kernel;
  readonly attentionKey: Kernel;
  readonly attentionLines: Kernel;
  readonly attentionQuery: Kernel;
  readonly transposePlaces: Kernel;
  readonly depthwise: Kernel;
  readonly depthwiseFilter: Kernel;
  readonly geluForward: Kernel;
  readonly geluBackward: Kernel;
  readonly layerNormForward: Kernel;
  readonly layerNormInput: Kernel;
  readonly layerNormWeights: Kernel;
  readonly pick: Kernel;
  readonly pickBack: Kernel;
  readonly pickToken: Kernel;
  readonly spreadPatches: Kernel;
  readonly lossAndGradient: (...parameters: number[]) => number;
  readonly firstFree: () => number;
}

/**
 * Compiles the kernels for this processor.
 *
 * @throws PlannerError "device" where WebAssembly or its SIMD instructions are missing
 */
export function compileKernels(): Promise<WasmModule> {
  return compile(kernelBytes);
}

/**
 * Compiles the same kernels for a memory that threads share.
 *
 * @throws PlannerError "device" where WebAssembly, its SIMD instructions or threads are missing
 */
export async function compileSharedKernels(): Promise<WasmModule> {
  const { sharedKernelBytes } = await import("./generated/sharedKernelBytes.ts");
  return compile(sharedKernelBytes);
}

async function compile(base64: string): Promise<WasmModule> {
  try {
    return await WebAssembly.compile(bytesOf(base64));
  } catch (cause) {
    throw new PlannerError(
      "device",
      `this browser or runtime cannot run WebAssembly with SIMD (${messageOf(cause)}); use a newer one`,
      { cause },
    );
  }
}

/** Kernels that work on `memory`; a plain or a shared one, as the module was compiled for. */
export function kernelsOn(module: WasmModule, memory: WasmMemory): WasmKernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}

/** Kernels that work on a memory of their own, which starts empty. */
export function instantiateKernels(module: WasmModule): {
  kernels: WasmKernels;
  memory: WasmMemory;
} {
  const memory = new WebAssembly.Memory({ initial: 1 });
  return { kernels: kernelsOn(module, memory), memory };
}

/**
 * An empty memory that threads can share.
 *
 * @throws PlannerError "device" when there is no room for one
 */
export function createSharedMemory(): WasmMemory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  } catch (cause) {
    throw new PlannerError(
      "device",
      `no address space is left for a shared memory (${messageOf(cause)}); close other pages`,
      { cause },
    );
  }
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
