import type { MemoryPlan, ModelSpec } from "../engine.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { record } from "../plan/record.ts";
import { bufferSizes } from "./stepBuffers.ts";
import { type DeviceTraits, flatWeightsOf, planInference, planTraining } from "./stepPlan.ts";

/** Buffers that losses come back through; see `WebgpuModel`. */
const lossRing = 64;

/**
 * Bytes of the buffers that a model makes for training and for predictions of these shapes.
 *
 * @param predicted - [batch, ..spatial, channels] each
 * @throws PlannerError "argument" for a spec that cannot be
 */
export function planMemory(
  spec: ModelSpec,
  predicted: readonly (readonly number[])[],
  { tuning, capacity }: DeviceTraits,
): MemoryPlan {
  const traits = { tuning, capacity: Number.POSITIVE_INFINITY };
  const graph = differentiate(placeConcats(fuse(record(spec.network, spec.input))));
  const weights = flatWeightsOf(graph);
  const plan = planTraining(graph, weights, spec, traits);
  const training = bufferSizes(plan, weights.vec4s * 16, spec.optimiser);
  let bytes = plan.uniforms.byteLength + lossRing;
  for (const size of Object.values(training)) bytes += size;
  let largest = Math.max(...Object.values(training));
  for (const shape of predicted) {
    const forward = placeConcats(fuse(record(spec.network, shape)));
    const { sizes, uniforms, output } = planInference(forward, weights, traits);
    const own = sizes.arena > training.arena ? sizes.arena : 0;
    bytes += own + sizes.image + uniforms.byteLength + output.bytes;
    largest = Math.max(largest, sizes.arena);
  }
  return { bytes, fits: largest <= capacity };
}
