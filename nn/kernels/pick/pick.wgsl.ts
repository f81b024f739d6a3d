import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

// Lists and tables lie behind the image as floats, which whole numbers this small are exact in.

const listed = (place: string): string => `i32(image[u32(u.lAt + ${place})])`;

/** y[j] = x[list[j]], or the token where the list says -1. */
export const pickKernel = (hasToken: boolean): Kernel =>
  kernelOf({
    name: `pick${hasToken ? ".token" : ""}`,
    uses: ["arena", "image", ...(hasToken ? (["weights"] as const) : [])],
    fields: [
      ...["places", "c4", "sources", "picked", "lAt", "xAt", "xPitch", "tAt", "tPitch"],
      ...(hasToken ? ["wAt"] : []),
    ],
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  let source = ${listed("place")};
  let n = place / u.picked;
  var value = ${hasToken ? "weights[u32(u.wAt + c)]" : "vec4f()"};
  if (source >= 0) { value = arena[u32(u.xAt + (n * u.sources + source) * u.xPitch + c)]; }
  arena[u32(u.tAt + place * u.tPitch + c)] = value;`,
  });

/** dx[i] = sum of dy wherever the list says i. */
export const pickGradientKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `pickGradient.${epilogueName(epilogue)}`,
    uses: ["arena", "image"],
    fields: [
      ...["places", "c4", "sources", "picked", "lAt", "yAt", "yPitch", "tAt", "tPitch"],
      ...epilogueFields(epilogue),
    ],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  let n = place / u.sources; let own = place % u.sources;
  var sum = vec4f();
  for (var j = n * u.picked; j < (n + 1) * u.picked; j++) {
    if (${listed("j")} == own) { sum += arena[u32(u.yAt + j * u.yPitch + c)]; }
  }
  deliver(place, c, sum);`,
  });

/** Parts of the token's gradient: dy wherever the list says -1. */
export const pickTokenGradientKernel: Kernel = kernelOf({
  name: "pickTokenGradient",
  uses: ["arena", "image", "partials"],
  fields: ["places", "c4", "chunks", "chunk", "lAt", "yAt", "yPitch", "pAt", "pPitch"],
  body: `
  let c = thread % u.c4; let part = thread / u.c4;
  if (part >= u.chunks) { return; }
  var sum = vec4f();
  for (var j = part * u.chunk; j < min(u.places, (part + 1) * u.chunk); j++) {
    if (${listed("j")} < 0) { sum += arena[u32(u.yAt + j * u.yPitch + c)]; }
  }
  partials[u32(u.pAt + part * u.pPitch + c)] = sum;`,
});

const tableFields = ["places", "c4", "each", "xAt", "xPitch", "tAt", "tPitch"];

/** y = x + table: learned, of [each, c4] vec4s, or given behind the image. */
export const addTableKernel = (isLearned: boolean): Kernel =>
  kernelOf({
    name: `addTable${isLearned ? "" : ".given"}`,
    uses: ["arena", isLearned ? "weights" : "image"],
    fields: [...tableFields, isLearned ? "wAt" : "lAt"],
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  let row = (place % u.each) * u.c4 + c;
${
  isLearned
    ? "  let more = weights[u32(u.wAt + row)];"
    : `  let l = u32(u.lAt + 4 * row);
  let more = vec4f(image[l], image[l + 1u], image[l + 2u], image[l + 3u]);`
}
  arena[u32(u.tAt + place * u.tPitch + c)] = arena[u32(u.xAt + place * u.xPitch + c)] + more;`,
  });

/** The sum of dy over the samples. */
export const tableGradientKernel: Kernel = kernelOf({
  name: "tableGradient",
  uses: ["arena", "partials"],
  fields: ["places", "c4", "each", "yAt", "yPitch", "pAt"],
  body: `
  let c = thread % u.c4; let row = thread / u.c4;
  if (row >= u.each) { return; }
  var sum = vec4f();
  for (var place = row; place < u.places; place += u.each) {
    sum += arena[u32(u.yAt + place * u.yPitch + c)];
  }
  partials[u32(u.pAt + row * u.c4 + c)] = sum;`,
});
