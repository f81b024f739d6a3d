import type { Engine } from "../engine.ts";
import { compileKernels, instantiateKernels } from "../kernels/wasm/wasmKernels.ts";
import { CpuModel } from "./cpuModel.ts";

/**
 * The CPU path: our own kernels on WebAssembly with SIMD. Each model has a memory of its own
 * and gives the same bits on every machine.
 *
 * @throws PlannerError "device" where WebAssembly or its SIMD instructions are missing
 */
export async function createCpuEngine(): Promise<Engine> {
  const module = await compileKernels();
  return {
    backend: "cpu",
    device: "CPU, WebAssembly SIMD, 1 thread",
    createModel: async (spec, weights) =>
      new CpuModel(spec, weights, await instantiateKernels(module)),
    dispose: () => undefined,
  };
}
