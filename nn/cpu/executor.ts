import type { WasmKernels, WasmMemory } from "../kernels/wasm/wasmKernels.ts";
import type { Stage, Task } from "../kernels/wasm/work.ts";
import { type Sharing, unshared } from "../kernels/wasm/workspace.ts";

/** Work that can be run any number of times. */
export interface Program {
  run(): void;
  /** Frees what other threads keep of it. */
  dispose(): void;
}

/** Runs kernels on one memory. */
export interface Executor {
  readonly kernels: WasmKernels;
  readonly memory: WasmMemory;
  readonly sharing: Sharing;
  prepare(stages: readonly Stage[]): Program;
  /** Gives the memory back. */
  dispose(): void;
}

/** Runs everything on the calling thread. */
export function singleThread(device: { kernels: WasmKernels; memory: WasmMemory }): Executor {
  return {
    ...device,
    sharing: unshared,
    prepare: (stages) => ({
      run: bind(device.kernels, stages.flat(2)),
      dispose: () => undefined,
    }),
    dispose: () => undefined,
  };
}

/** A task as one function. */
export function bind(kernels: WasmKernels, task: Task): () => void {
  const runs = task.map(([name, ...parameters]) => ({ kernel: kernels[name], parameters }));
  return () => {
    for (const { kernel, parameters } of runs) kernel(...parameters);
  };
}
