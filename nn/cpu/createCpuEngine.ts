import { messageOf } from "#core/errors.ts";
import type { Engine } from "../engine.ts";
import {
  compileKernels,
  compileSharedKernels,
  instantiateKernels,
} from "../kernels/wasm/wasmKernels.ts";
import { unshared } from "../kernels/wasm/workspace.ts";
import { CpuModel } from "./cpuModel.ts";
import { singleThread } from "./executor.ts";
import { planMemory } from "./planMemory.ts";
import { ThreadPool, type Threads } from "./threadPool.ts";

/**
 * The CPU path: our own kernels on WebAssembly with SIMD. Each model has a memory of its own
 * and gives the same bits on every machine, by any number of threads.
 *
 * @param threads - where they do not start there is one, and `device` says why
 * @throws PlannerError "device" where WebAssembly or its SIMD instructions are missing
 */
export async function createCpuEngine(threads?: Threads): Promise<Engine> {
  if (!threads || threads.count < 2) return oneThread("");
  try {
    const pool = await ThreadPool.start(await compileSharedKernels(), threads);
    return {
      backend: "cpu",
      device: `CPU, WebAssembly SIMD, ${threads.count} threads`,
      createModel: async (spec, weights) => new CpuModel(spec, weights, pool.lend()),
      planMemory: (spec, predicted) => planMemory(spec, predicted, pool.sharing),
      dispose: () => pool.dispose(),
    };
  } catch (error) {
    return oneThread(` (more did not start: ${messageOf(error)})`);
  }
}

async function oneThread(remark: string): Promise<Engine> {
  const module = await compileKernels();
  return {
    backend: "cpu",
    device: `CPU, WebAssembly SIMD, 1 thread${remark}`,
    createModel: async (spec, weights) =>
      new CpuModel(spec, weights, singleThread(instantiateKernels(module))),
    planMemory: (spec, predicted) => planMemory(spec, predicted, unshared),
    dispose: () => undefined,
  };
}
