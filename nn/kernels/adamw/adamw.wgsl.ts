import type { AdamwSpec } from "../../engine.ts";
import { type Kernel, kernelOf, workgroupSize } from "../../webgpu/kernel.ts";
import { isLossBroken } from "../brokenLoss.wgsl.ts";

/**
 * Adds up the parts of every gradient, in order. \`ranges\` says, for each workgroup's stretch
 * of the flat weights: (first part, number of parts, vec4s between parts, vec4s in use).
 */
export const reduceGradientsKernel: Kernel = kernelOf({
  name: "adamw.reduce",
  uses: ["partials", "optimiser", "ranges"],
  fields: ["size"],
  body: `
  if (thread >= u.size) { return; }
  let stretch = ranges[u32(thread / ${workgroupSize})];
  var sum = vec4f();
  if (thread % ${workgroupSize} < stretch.w) {
    var at = stretch.x + thread % ${workgroupSize};
    for (var i = 0; i < stretch.y; i++) { sum += partials[u32(at)]; at += stretch.z; }
  }
  optimiser[u32(thread)] = sum;`,
});

/**
 * AdamW over all weights at once. \`optimiser\` holds gradients, first and second moments one
 * after the other; \`scalars\` the learning rate and the two bias corrections
 * 1 / (1 - beta^step). A loss that is not finite leaves everything as it was.
 */
export const adamwKernel = (spec: AdamwSpec): Kernel => {
  const { beta1, beta2, epsilon, weightDecay } = spec;
  const float = (value: number) => `f32(${value})`;
  return kernelOf({
    name: `adamw.${beta1}.${beta2}.${epsilon}.${weightDecay}`,
    uses: ["arena", "weights", "optimiser", "scalars"],
    fields: ["size", "learned", "lossAt"],
    body: `
  if (thread >= u.learned) { return; }
  if (${isLossBroken}) { return; }
  let g = optimiser[u32(thread)];
  let m = ${float(beta1)} * optimiser[u32(u.size + thread)] + ${float(1 - beta1)} * g;
  let v = ${float(beta2)} * optimiser[u32(2 * u.size + thread)] + ${float(1 - beta2)} * g * g;
  optimiser[u32(u.size + thread)] = m;
  optimiser[u32(2 * u.size + thread)] = v;
  let rate = scalars.x;
  let change = (m * scalars.y) / (sqrt(v * scalars.z) + ${float(epsilon)});
  weights[u32(thread)] = weights[u32(thread)] * (1.0 - rate * ${float(weightDecay)}) - rate * change;`,
  });
};
