import type { Engine, ModelSpec, Weights } from "../engine.ts";
import { GpuSession } from "./gpuSession.ts";
import { planMemory } from "./planMemory.ts";
import type { Tuning } from "./tuning.ts";
import { WebgpuModel } from "./webgpuModel.ts";

/** An engine that plans each model's training step once and replays it on the GPU. */
export interface WebgpuEngine extends Engine {
  createModel(spec: ModelSpec, weights: Weights): Promise<WebgpuModel>;
}

/**
 * Starts the WebGPU engine on a device of its own.
 *
 * @param gpu - `navigator.gpu`, or Dawn's in Node with its globals set
 * @param tuning - chosen by the adapter unless given
 * @throws PlannerError "device" when it does not start
 */
export async function createWebgpuEngine(gpu: GPU, tuning?: Tuning): Promise<WebgpuEngine> {
  const session = await GpuSession.open(gpu, tuning);
  const models = new Set<WebgpuModel>();
  return {
    backend: "webgpu",
    device: session.description,
    createModel: async (spec, weights) => {
      const model = await WebgpuModel.create(session, spec, weights, () => models.delete(model));
      models.add(model);
      return model;
    },
    planMemory: (spec, predicted) => planMemory(spec, predicted, session.traits),
    dispose: () => {
      for (const model of [...models]) model.dispose();
      session.close();
    },
  };
}
