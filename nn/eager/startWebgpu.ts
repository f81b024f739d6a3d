import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { messageOf, PlannerError } from "#core/errors.ts";
import { describeAdapter } from "../devices/probeWebgpu.ts";
import type { Engine } from "../engine.ts";
import { DeviceGuard } from "./deviceGuard.ts";
import { EagerModel, type Runner } from "./eagerModel.ts";

const NAME = "webgpu";

/**
 * TensorFlow.js on a WebGPU device of our own: with the adapter's limits, and watched from
 * its first moment. Starting again ends the engine started before.
 *
 * @throws PlannerError "device" when there is no adapter or it gives no device
 */
export async function startWebgpu(gpu: GPU): Promise<Engine> {
  const { adapter, device } = await openDevice(gpu);
  const guard = new DeviceGuard(device);
  exposeGpu(gpu);
  if (tf.findBackendFactory(NAME)) tf.removeBackend(NAME);
  tf.registerBackend(NAME, () => new WebGPUBackend(device, adapter.info));
  // Small ops on the processor would hide from the guard a shader that does not compile.
  tf.env().set("WEBGPU_CPU_FORWARD", false);

  const run: Runner = async (work) => {
    await tf.setBackend(NAME);
    return guard.run(work);
  };
  return {
    backend: "webgpu",
    device: describeAdapter(adapter.info),
    createModel: (spec, weights) => run(async () => new EagerModel(spec, weights, run)),
    planMemory: () => null,
    dispose: () => {
      guard.dispose();
      device.destroy();
    },
  };
}

/** The device with every limit the adapter has: the defaults are far below it. */
async function openDevice(gpu: GPU): Promise<{ adapter: GPUAdapter; device: GPUDevice }> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    throw new PlannerError(
      "device",
      "no WebGPU adapter was found; update the driver or choose the CPU path",
    );
  }
  const requiredLimits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") requiredLimits[name] = value;
  }
  try {
    return { adapter, device: await adapter.requestDevice({ requiredLimits }) };
  } catch (error) {
    throw new PlannerError(
      "device",
      `the graphics device did not start (${messageOf(error)}); choose the CPU path`,
      { cause: error },
    );
  }
}

/** TensorFlow.js refuses to work where `navigator.gpu` is missing, as in Node. */
function exposeGpu(gpu: GPU): void {
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: GPU } };
  if (navigator?.gpu) return;
  Object.defineProperty(globalThis, "navigator", {
    value: Object.assign(Object.create(navigator ?? null), { gpu }),
    configurable: true,
  });
}
