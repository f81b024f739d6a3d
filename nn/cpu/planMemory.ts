import { PlannerError } from "#core/errors.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { MemoryPlan, ModelSpec } from "../engine.ts";
import type { WasmKernels } from "../kernels/wasm/wasmKernels.ts";
import type { Sharing } from "../kernels/wasm/workspace.ts";
import { memoryLimit, planForward, planTraining } from "./cpuPlan.ts";
import type { Executor } from "./executor.ts";
import { layOutWeights } from "./weightLayout.ts";

/** What the module itself takes, and the grain in which memory grows. */
const page = 65_536;

/**
 * Bytes that the memory of a model grows to, by training and by predictions of these shapes.
 *
 * @param predicted - [batch, ..spatial, channels] each
 * @throws PlannerError "argument" for a spec that cannot be
 */
export function planMemory(
  spec: ModelSpec,
  predicted: readonly (readonly number[])[],
  sharing: Sharing,
): MemoryPlan {
  const executor = unableExecutor(sharing);
  const layout = layOutWeights(describeNetwork(spec.network, spec.input).weights, page);
  try {
    const ends = [
      planTraining(executor, layout, spec).end,
      ...predicted.map((shape) => planForward(executor, layout, spec.network, shape).end),
    ];
    return { bytes: Math.ceil(Math.max(...ends) / page) * page, fits: true };
  } catch (error) {
    // The plan says how much it would be only where it fits.
    if (!(error instanceof PlannerError) || error.code !== "device") throw error;
    return { bytes: memoryLimit, fits: false };
  }
}

/** Plans are made for it and never run. */
const unableExecutor = (sharing: Sharing): Executor => ({
  kernels: {} as WasmKernels,
  memory: { buffer: new ArrayBuffer(0), grow: () => 0 },
  sharing,
  prepare: () => ({ run: () => undefined, dispose: () => undefined }),
  dispose: () => undefined,
});
