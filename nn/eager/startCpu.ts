import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { getThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { WasmFiles } from "../devices/wasmFiles.ts";
import type { Engine } from "../engine.ts";
import { EagerModel, type Runner } from "./eagerModel.ts";
import { registerCpuKernels } from "./wasmKernels.ts";

let started: Promise<void> | null = null;

/**
 * The CPU path: TensorFlow.js on WebAssembly, with SIMD, and with threads where the page is
 * cross-origin isolated.
 *
 * @throws PlannerError "device" when the WebAssembly files cannot be loaded
 */
export async function startCpu(files: WasmFiles): Promise<Engine> {
  started ??= start(files);
  await started;
  const run: Runner = async (work) => {
    await tf.setBackend("wasm");
    return work();
  };
  const threads = getThreadsCount();
  return {
    backend: "cpu",
    device: `WebAssembly, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    createModel: (spec, weights) => run(async () => new EagerModel(spec, weights, run)),
    planMemory: () => null,
    dispose: () => undefined,
  };
}

async function start(files: WasmFiles): Promise<void> {
  setWasmPaths({
    "tfjs-backend-wasm.wasm": files.plain,
    "tfjs-backend-wasm-simd.wasm": files.simd ?? files.plain,
    "tfjs-backend-wasm-threaded-simd.wasm": files.threadedSimd ?? files.plain,
  });
  try {
    if (!(await tf.setBackend("wasm"))) throw new Error("the backend did not start");
  } catch (error) {
    started = null;
    throw new PlannerError(
      "device",
      `the CPU path did not start (${messageOf(error)}); check that the .wasm files are served`,
      { cause: error },
    );
  }
  registerCpuKernels();
}
