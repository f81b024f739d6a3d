import type { SgdSpec } from "../../engine.ts";
import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { isLossBroken } from "../brokenLoss.wgsl.ts";

/**
 * Gradient descent with momentum over all weights at once. `optimiser` holds gradients and
 * velocities one after the other; `scalars` starts with the learning rate. A loss that is not
 * finite leaves everything as it was.
 */
export const sgdKernel = ({ momentum, weightDecay, nesterov }: SgdSpec): Kernel =>
  kernelOf({
    name: `sgd.${momentum}.${weightDecay}.${nesterov}`,
    uses: ["arena", "weights", "optimiser", "scalars"],
    fields: ["size", "learned", "lossAt"],
    body: `
  if (thread >= u.learned) { return; }
  if (${isLossBroken}) { return; }
  let w = weights[u32(thread)];
  let d = optimiser[u32(thread)] + f32(${weightDecay}) * w;
  let v = f32(${momentum}) * optimiser[u32(u.size + thread)] + d;
  optimiser[u32(u.size + thread)] = v;
  weights[u32(thread)] = w - scalars.x * ${nesterov ? `(d + f32(${momentum}) * v)` : "v"};`,
  });
