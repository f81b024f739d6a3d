import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

/**
 * P(z <= x) of a standard normal z, to 1e-7; power = e^(-x^2 / 2).
 *
 * Source: Abramowitz and Stegun 1964, 7.1.26.
 */
const distribution = `fn distribution(x: vec4f, power: vec4f) -> vec4f {
  let t = 1.0 / (1.0 + 0.3275911 * 0.70710678 * abs(x));
  let p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  let tail = 0.5 * p * power;
  return select(tail, 1.0 - tail, x > vec4f());
}
`;

const fields = ["places", "c4", "xAt", "xPitch", "tAt", "tPitch"];

const placeOfThread = `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  let x = arena[u32(u.xAt + place * u.xPitch + c)];
  let power = exp(-0.5 * x * x);`;

/** y = x P(z <= x) */
export const geluKernel: Kernel = kernelOf({
  name: "gelu",
  uses: ["arena"],
  fields,
  functions: distribution,
  body: `${placeOfThread}
  arena[u32(u.tAt + place * u.tPitch + c)] = x * distribution(x, power);`,
});

/** dx = dy (P(z <= x) + x density(x)) */
export const geluGradientKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `geluGradient.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: [...fields, "yAt", "yPitch", ...epilogueFields(epilogue)],
    functions: distribution + deliverFunction(epilogue),
    body: `${placeOfThread}
  let slope = distribution(x, power) + x * power * 0.39894228;
  deliver(place, c, slope * arena[u32(u.yAt + place * u.yPitch + c)]);`,
  });
