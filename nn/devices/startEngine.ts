import { PlannerError } from "#core/errors.ts";
import type { Backend } from "#core/experiment/device.ts";
import type { Threads } from "../cpu/threadPool.ts";
import type { Engine } from "../engine.ts";
import { hasSimd } from "./probeCpu.ts";
import type { WasmFiles } from "./wasmFiles.ts";

export type { ThreadPort, Threads } from "../cpu/threadPool.ts";
export type { WasmFiles } from "./wasmFiles.ts";

export interface EngineOptions {
  readonly backend: Backend;
  /**
   * `navigator.gpu`, or Dawn's in Node, where the globals of the npm package `webgpu`
   * (GPUBufferUsage and its like) must be set too.
   */
  readonly gpu?: GPU | undefined;
  readonly wasm: WasmFiles;
  /** Of the CPU path; one where nothing is said. */
  readonly threads?: Threads | undefined;
}

/**
 * Starts the engine that trains on a device. The code of the others is not loaded.
 *
 * The CPU path is our own kernels; where the processor has no SIMD instructions it is
 * TensorFlow.js, which is several times slower.
 *
 * @throws PlannerError "device" when it does not start
 */
export async function startEngine({ backend, gpu, wasm, threads }: EngineOptions): Promise<Engine> {
  if (backend === "cpu") {
    if (hasSimd()) {
      const { createCpuEngine } = await import("../cpu/createCpuEngine.ts");
      return createCpuEngine(threads);
    }
    const { startCpu } = await import("../eager/startCpu.ts");
    return startCpu(wasm);
  }
  if (!gpu) {
    throw new PlannerError("device", "WebGPU is not available here; choose the CPU path");
  }
  const { createWebgpuEngine } = await import("../webgpu/webgpuEngine.ts");
  return createWebgpuEngine(gpu);
}
