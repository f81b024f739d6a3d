import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

/** Channels after the last hold zero and must not count as values. */
const keepChannels = `fn keep(v: vec4f, c: i32) -> vec4f {
  return select(vec4f(), v, vec4i(4 * c) + vec4i(0, 1, 2, 3) < vec4i(u.channels));
}
`;

const sumOf = (v: string): string => `dot(${v}, vec4f(1.0))`;

/** y = (x - mean) * inverse * scale + shift; a thread holds a place. */
export const layerNormKernel: Kernel = kernelOf({
  name: "layerNorm",
  uses: ["arena", "weights"],
  fields: ["places", "c4", "channels", "xAt", "xPitch", "sAt", "wAt", "tAt", "tPitch", "f_epsilon"],
  functions: keepChannels,
  body: `
  if (thread >= u.places) { return; }
  let x = u.xAt + thread * u.xPitch;
  var sum = vec4f();
  for (var c = 0; c < u.c4; c++) { sum += arena[u32(x + c)]; }
  let mean = ${sumOf("sum")} / f32(u.channels);
  var squares = vec4f();
  for (var c = 0; c < u.c4; c++) {
    let d = keep(arena[u32(x + c)] - mean, c);
    squares = fma(d, d, squares);
  }
  let inverse = inverseSqrt(${sumOf("squares")} / f32(u.channels) + u.f_epsilon);
  arena[u32(u.sAt + thread)] = vec4f(mean, inverse, 0.0, 0.0);
  for (var c = 0; c < u.c4; c++) {
    let normal = (arena[u32(x + c)] - mean) * inverse;
    let y = fma(normal, weights[u32(u.wAt + c)], weights[u32(u.wAt + u.c4 + c)]);
    arena[u32(u.tAt + thread * u.tPitch + c)] = y;
  }`,
});

/** Sums over a chunk of places: the parts of the gradients of scale and shift. */
export const layerNormWeightsKernel: Kernel = kernelOf({
  name: "layerNormGradient.weights",
  uses: ["arena", "partials"],
  fields: [
    ...["places", "chunks", "chunk", "c4", "xAt", "xPitch", "yAt", "yPitch", "sAt", "pAt"],
    "pPitch",
  ],
  body: `
  let c = thread % u.c4; let chunk = thread / u.c4;
  if (chunk >= u.chunks) { return; }
  var product = vec4f(); var sum = vec4f();
  for (var i = chunk * u.chunk; i < min(u.places, (chunk + 1) * u.chunk); i++) {
    let g = arena[u32(u.yAt + i * u.yPitch + c)];
    let s = arena[u32(u.sAt + i)];
    product = fma((arena[u32(u.xAt + i * u.xPitch + c)] - s.x) * s.y, g, product);
    sum += g;
  }
  let at = u.pAt + chunk * u.pPitch + c;
  partials[u32(at)] = product;
  partials[u32(at + u.c4)] = sum;`,
});

/** dx = inverse * (g - mean(g) - normal * mean(g * normal)), g = dy * scale. */
export const layerNormInputKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `layerNormGradient.input.${epilogueName(epilogue)}`,
    uses: ["arena", "weights"],
    fields: [
      ...["places", "c4", "channels", "xAt", "xPitch", "yAt", "yPitch", "sAt", "wAt"],
      ...["tAt", "tPitch", ...epilogueFields(epilogue)],
    ],
    functions: keepChannels + deliverFunction(epilogue),
    body: `
  if (thread >= u.places) { return; }
  let x = u.xAt + thread * u.xPitch;
  let y = u.yAt + thread * u.yPitch;
  let s = arena[u32(u.sAt + thread)];
  var sums = vec4f(); var products = vec4f();
  for (var c = 0; c < u.c4; c++) {
    let g = arena[u32(y + c)] * weights[u32(u.wAt + c)];
    sums += g;
    products = fma(g, (arena[u32(x + c)] - s.x) * s.y, products);
  }
  let sum = ${sumOf("sums")} / f32(u.channels);
  let product = ${sumOf("products")} / f32(u.channels);
  for (var c = 0; c < u.c4; c++) {
    let g = arena[u32(y + c)] * weights[u32(u.wAt + c)];
    let normal = (arena[u32(x + c)] - s.x) * s.y;
    deliver(thread, c, keep(s.y * (g - sum - normal * product), c));
  }`,
  });
