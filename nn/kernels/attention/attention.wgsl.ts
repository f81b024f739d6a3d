import { type Kernel, kernelOf, lines, range } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

// A thread holds one query, or one key, of one head in registers and walks the other side, so
// that scores are never stored. `vec4s`: of the channels of a head.

const sides = ["qAt", "qPitch", "kAt", "kPitch", "vAt", "vPitch", "sAt"];
const sizes = ["places", "queries", "keys", "heads"];

const load = (name: string, side: string, place: string, vec4s: number): string =>
  `  let ${name}At = u.${side}At + (${place}) * u.${side}Pitch + head * ${vec4s};
${lines(vec4s, (i) => `  let ${name}${i} = arena[u32(${name}At + ${i})];`)}`;

const dot = (a: string, b: string, vec4s: number): string =>
  range(vec4s)
    .map((i) => `dot(${a}${i}, ${b}${i})`)
    .join(" + ");

const rowOfThread = (count: string): string => `
  let head = thread % u.heads; let place = thread / u.heads;
  if (place >= u.places) { return; }
  let n = place / u.${count};`;

/** y by the running softmax; leaves the largest score and 1 / the sum of exponentials behind. */
export const attentionKernel = (vec4s: number): Kernel =>
  kernelOf({
    name: `attention.${vec4s}`,
    uses: ["arena"],
    fields: [...sizes, ...sides, "tAt", "tPitch", "f_factor"],
    body: `${rowOfThread("queries")}
${load("q", "q", "place", vec4s)}
  var top = -3e38; var sum = 0.0;
${lines(vec4s, (i) => `  var a${i} = vec4f();`)}
  for (var key = 0; key < u.keys; key++) {
${load("k", "k", "n * u.keys + key", vec4s)}
${load("v", "v", "n * u.keys + key", vec4s)}
    let score = (${dot("q", "k", vec4s)}) * u.f_factor;
    if (score > top) {
      let shrink = exp(top - score);
      sum *= shrink;
${lines(vec4s, (i) => `      a${i} *= shrink;`)}
      top = score;
    }
    let share = exp(score - top);
    sum += share;
${lines(vec4s, (i) => `    a${i} = fma(vec4f(share), v${i}, a${i});`)}
  }
  arena[u32(u.sAt + place * u.heads + head)] = vec4f(top, 1.0 / sum, 0.0, 0.0);
  let t = u.tAt + place * u.tPitch + head * ${vec4s};
${lines(vec4s, (i) => `  arena[u32(t + ${i})] = a${i} / sum;`)}`,
  });

/** The gradient by the queries; adds the sum of y dy to what was left behind. */
export const attentionQueryKernel = (vec4s: number, epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `attentionGradient.query.${vec4s}.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: [
      ...[...sizes, ...sides, "yAt", "yPitch", "oAt", "oPitch", "tAt", "tPitch"],
      ...["f_factor", ...epilogueFields(epilogue)],
    ],
    functions: deliverFunction(epilogue),
    body: `${rowOfThread("queries")}
${load("q", "q", "place", vec4s)}
${load("g", "y", "place", vec4s)}
${load("o", "o", "place", vec4s)}
  let sAt = u32(u.sAt + place * u.heads + head);
  let s = arena[sAt];
  let mean = ${dot("o", "g", vec4s)};
  arena[sAt] = vec4f(s.xy, mean, 0.0);
${lines(vec4s, (i) => `  var a${i} = vec4f();`)}
  for (var key = 0; key < u.keys; key++) {
${load("k", "k", "n * u.keys + key", vec4s)}
${load("v", "v", "n * u.keys + key", vec4s)}
    let share = exp((${dot("q", "k", vec4s)}) * u.f_factor - s.x) * s.y;
    let byScore = share * (${dot("g", "v", vec4s)} - mean) * u.f_factor;
${lines(vec4s, (i) => `    a${i} = fma(vec4f(byScore), k${i}, a${i});`)}
  }
${lines(vec4s, (i) => `  deliver(place, head * ${vec4s} + ${i}, a${i});`)}`,
  });

/**
 * The gradient by the keys, or by the values, of a part of the queries: parts of [places,
 * channels] one after the other, which `sumPartsKernel` adds up.
 */
export const attentionKeyKernel = (vec4s: number, isValue: boolean): Kernel =>
  kernelOf({
    name: `attentionGradient.${isValue ? "value" : "key"}.${vec4s}`,
    uses: ["arena"],
    fields: [...sizes, ...sides, "yAt", "yPitch", "chunks", "chunk", "pAt", "f_factor"],
    body: `
  let head = thread % u.heads;
  let place = (thread / u.heads) % u.places;
  let part = thread / u.heads / u.places;
  if (part >= u.chunks) { return; }
  let n = place / u.keys;
${load("k", "k", "place", vec4s)}
${isValue ? "" : load("v", "v", "place", vec4s)}
${lines(vec4s, (i) => `  var a${i} = vec4f();`)}
  for (var query = part * u.chunk; query < min(u.queries, (part + 1) * u.chunk); query++) {
    let row = n * u.queries + query;
${load("q", "q", "row", vec4s)}
${load("g", "y", "row", vec4s)}
    let s = arena[u32(u.sAt + row * u.heads + head)];
    let share = exp((${dot("q", "k", vec4s)}) * u.f_factor - s.x) * s.y;
${
  isValue
    ? lines(vec4s, (i) => `    a${i} = fma(vec4f(share), g${i}, a${i});`)
    : `    let byScore = share * (${dot("g", "v", vec4s)} - s.z) * u.f_factor;
${lines(vec4s, (i) => `    a${i} = fma(vec4f(byScore), q${i}, a${i});`)}`
}
  }
  let t = u.pAt + ((part * u.places + place) * u.heads + head) * ${vec4s};
${lines(vec4s, (i) => `  arena[u32(t + ${i})] = a${i};`)}`,
  });

/** Adds up parts of [places, c4] in order. */
export const sumPartsKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `sumParts.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: ["places", "c4", "chunks", "pAt", "tAt", "tPitch", ...epilogueFields(epilogue)],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  var sum = vec4f();
  for (var part = 0; part < u.chunks; part++) {
    sum += arena[u32(u.pAt + (part * u.places + place) * u.c4 + c)];
  }
  deliver(place, c, sum);`,
  });
