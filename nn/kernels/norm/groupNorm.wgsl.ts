import { type Kernel, kernelOf, range } from "../../webgpu/kernel.ts";
import { isLossBroken } from "../brokenLoss.wgsl.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";
import { runningShare } from "./norm.reference.ts";

const threadSample = `
  let c = thread % u.c4; let n = thread / u.c4;
  if (n >= u.batch) { return; }`;

const lane = (i: number): string => "xyzw".charAt(i);

/**
 * For each lane of a vec4, the sum of \`term\` over the channels of its group. \`ranges\` says from
 * \`lanesAt\` on to which group each lane belongs, -1 for none.
 */
const sumOverGroups = (result: string, term: (k: string) => string): string => `
  var ${result} = vec4f();
  for (var k = 0; k < u.c4; k++) {
    let groups = ranges[u32(u.lanesAt + k)];
    let term = ${term("k")};
${range(4)
  .map((i) => `    ${result}.${lane(i)} += dot(term, vec4f(groups == own.${lane(i).repeat(4)}));`)
  .join("\n")}
  }`;

/**
 * Joins the means and summed squared deviations of single channels, \`mAt\` [batch, 2, channels],
 * into the statistics of groups of \`inGroup\` channels.
 */
export const groupJoinKernel: Kernel = kernelOf({
  name: "norm.groups",
  uses: ["arena", "ranges"],
  fields: ["batch", "places", "c4", "inGroup", "lanesAt", "mAt", "sAt", "f_epsilon"],
  body: `${threadSample}
  let own = ranges[u32(u.lanesAt + c)];
  let means = u.mAt + 2 * n * u.c4;
  ${sumOverGroups("total", (k) => `arena[u32(means + ${k})]`)}
  let mean = total / f32(u.inGroup);
  var squares = vec4f();
  for (var k = 0; k < u.c4; k++) {
    let groups = ranges[u32(u.lanesAt + k)];
    let m = arena[u32(means + k)];
    let d = arena[u32(means + u.c4 + k)];
${range(4)
  .map((i) => {
    const own = `own.${lane(i).repeat(4)}`;
    return `    let e${i} = m - mean.${lane(i)}; squares.${lane(i)} += dot(fma(e${i} * f32(u.places), e${i}, d), vec4f(groups == ${own}));`;
  })
  .join("\n")}
  }
  let inverse = inverseSqrt(squares / f32(u.places * u.inGroup) + u.f_epsilon);
  arena[u32(u.sAt + 2 * n * u.c4 + c)] = mean;
  arena[u32(u.sAt + (2 * n + 1) * u.c4 + c)] = inverse;`,
});

/**
 * From the means over places of dy * normalised x and of dy, \`gAt\` [batch, 2, channels]: the
 * means over groups, each channel times its scale, at \`jAt\`.
 */
export const groupMeansKernel: Kernel = kernelOf({
  name: "normGradient.groups",
  uses: ["arena", "weights", "ranges"],
  fields: ["batch", "c4", "inGroup", "lanesAt", "gAt", "jAt", "wAt"],
  body: `${threadSample}
  let own = ranges[u32(u.lanesAt + c)];
  let rows = u.gAt + 2 * n * u.c4;
  ${sumOverGroups("product", (k) => `arena[u32(rows + ${k})] * weights[u32(u.wAt + ${k})]`)}
  ${sumOverGroups("sum", (k) => `arena[u32(rows + u.c4 + ${k})] * weights[u32(u.wAt + ${k})]`)}
  arena[u32(u.jAt + 2 * n * u.c4 + c)] = product / f32(u.inGroup);
  arena[u32(u.jAt + (2 * n + 1) * u.c4 + c)] = sum / f32(u.inGroup);`,
});

/** dx = inverse * (scale * dy - mean - normalised x * mean product), means at \`jAt\`. */
export const groupGradientApplyKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `normGradient.groupApply.${epilogueName(epilogue)}`,
    uses: ["arena", "weights"],
    fields: [
      ...["batch", "places", "c4", "xAt", "xPitch", "yAt", "yPitch", "sAt", "jAt", "wAt"],
      ...["tAt", "tPitch", ...epilogueFields(epilogue)],
    ],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  let n = place / u.places;
  if (n >= u.batch) { return; }
  let mean = arena[u32(u.sAt + 2 * n * u.c4 + c)];
  let inverse = arena[u32(u.sAt + (2 * n + 1) * u.c4 + c)];
  let product = arena[u32(u.jAt + 2 * n * u.c4 + c)];
  let sum = arena[u32(u.jAt + (2 * n + 1) * u.c4 + c)];
  let normal = (arena[u32(u.xAt + place * u.xPitch + c)] - mean) * inverse;
  let g = arena[u32(u.yAt + place * u.yPitch + c)] * weights[u32(u.wAt + c)];
  deliver(place, c, inverse * (g - sum - normal * product));`,
  });

/** y = (x - mean) / sqrt(variance + epsilon) * scale + shift by stored numbers. */
export const normStoredKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `normStored.${epilogueName(epilogue)}`,
    uses: ["arena", "weights"],
    fields: [
      ...["places", "c4", "xAt", "xPitch", "tAt", "tPitch", "wAt", "rAt", "f_epsilon"],
      ...epilogueFields(epilogue),
    ],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  let inverse = inverseSqrt(weights[u32(u.rAt + u.c4 + c)] + u.f_epsilon);
  let unit = (arena[u32(u.xAt + place * u.xPitch + c)] - weights[u32(u.rAt + c)]) * inverse;
  deliver(place, c, unit * weights[u32(u.wAt + c)] + weights[u32(u.wAt + u.c4 + c)]);`,
  });

/**
 * Moves the running mean and variance at \`rAt\` of the weights by the batch's statistics;
 * \`f_unbiased\` is count / (count - 1). A loss that is not finite leaves them as they were.
 */
export const runningKernel: Kernel = kernelOf({
  name: "norm.running",
  uses: ["arena", "weights"],
  fields: ["c4", "sAt", "rAt", "lossAt", "f_epsilon", "f_unbiased"],
  body: `
  let c = thread;
  if (c >= u.c4) { return; }
  if (${isLossBroken}) { return; }
  let inverse = arena[u32(u.sAt + u.c4 + c)];
  let variance = (1.0 / (inverse * inverse) - u.f_epsilon) * u.f_unbiased;
  let mean = weights[u32(u.rAt + c)];
  let before = weights[u32(u.rAt + u.c4 + c)];
  weights[u32(u.rAt + c)] = mean + ${runningShare} * (arena[u32(u.sAt + c)] - mean);
  weights[u32(u.rAt + u.c4 + c)] = before + ${runningShare} * (variance - before);`,
});
