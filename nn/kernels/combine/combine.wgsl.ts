import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

const threadPlace = `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }`;

const targetFields = ["places", "c4", "tAt", "tPitch"];

/** Sum of two tensors, then the epilogue. */
export const addKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `add.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: [...targetFields, "xAt", "xPitch", "yAt", "yPitch", ...epilogueFields(epilogue)],
    functions: deliverFunction(epilogue),
    body: `${threadPlace}
  deliver(place, c, arena[u32(u.xAt + place * u.xPitch + c)] + arena[u32(u.yAt + place * u.yPitch + c)]);`,
  });

/** x times the gate y, whose first channel stands for all where it is shared. */
export const multiplyKernel = (epilogue: Epilogue, isShared: boolean): Kernel =>
  kernelOf({
    name: `multiply.${isShared ? "s" : ""}${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: [...targetFields, "xAt", "xPitch", "yAt", "yPitch", ...epilogueFields(epilogue)],
    functions: deliverFunction(epilogue),
    body: `${threadPlace}
  let x = arena[u32(u.xAt + place * u.xPitch + c)];
  deliver(place, c, x * ${isShared ? "arena[u32(u.yAt + place * u.yPitch)].x" : "arena[u32(u.yAt + place * u.yPitch + c)]"});`,
  });

/** Gradient by a gate that all channels share: the sum over channels of x times y. */
export const sharedGateGradientKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `gateGradient.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: [...targetFields, "xAt", "xPitch", "yAt", "yPitch", ...epilogueFields(epilogue)],
    functions: deliverFunction(epilogue),
    body: `
  let place = thread;
  if (place >= u.places) { return; }
  var sum = 0.0;
  for (var c = 0; c < u.c4; c++) {
    sum += dot(arena[u32(u.xAt + place * u.xPitch + c)], arena[u32(u.yAt + place * u.yPitch + c)]);
  }
  deliver(place, 0, vec4f(sum, 0.0, 0.0, 0.0));`,
  });

/**
 * 1 / (1 + exp(-x)). Lanes that hold no channel stay zero: `ranges` says from `lanesAt` on, for
 * each vec4, which do.
 */
export const sigmoidKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `sigmoid.${epilogueName(epilogue)}`,
    uses: ["arena", "ranges"],
    fields: [...targetFields, "xAt", "xPitch", "lanesAt", ...epilogueFields(epilogue)],
    functions: deliverFunction(epilogue),
    body: `${threadPlace}
  let x = arena[u32(u.xAt + place * u.xPitch + c)];
  let isChannel = ranges[u32(u.lanesAt + c)] >= vec4i();
  deliver(place, c, select(vec4f(), 1.0 / (1.0 + exp(-x)), isChannel));`,
  });

/** y times x (1 - x), for the result x of the sigmoid. */
export const sigmoidGradientKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `sigmoidGradient.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: [...targetFields, "xAt", "xPitch", "yAt", "yPitch", ...epilogueFields(epilogue)],
    functions: deliverFunction(epilogue),
    body: `${threadPlace}
  let s = arena[u32(u.xAt + place * u.xPitch + c)];
  deliver(place, c, arena[u32(u.yAt + place * u.yPitch + c)] * s * (1.0 - s));`,
  });

/** x above zero, the learned slope times x elsewhere. */
export const preluKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `prelu.${epilogueName(epilogue)}`,
    uses: ["arena", "weights"],
    fields: [...targetFields, "xAt", "xPitch", "wAt", ...epilogueFields(epilogue)],
    functions: deliverFunction(epilogue),
    body: `${threadPlace}
  let x = arena[u32(u.xAt + place * u.xPitch + c)];
  deliver(place, c, select(weights[u32(u.wAt)].x * x, x, x > vec4f()));`,
  });

/** dx from dy (y). */
export const preluGradientKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `preluGradient.${epilogueName(epilogue)}`,
    uses: ["arena", "weights"],
    fields: [
      ...[...targetFields, "xAt", "xPitch", "yAt", "yPitch", "wAt"],
      ...epilogueFields(epilogue),
    ],
    functions: deliverFunction(epilogue),
    body: `${threadPlace}
  let g = arena[u32(u.yAt + place * u.yPitch + c)];
  let x = arena[u32(u.xAt + place * u.xPitch + c)];
  deliver(place, c, select(weights[u32(u.wAt)].x * g, g, x > vec4f()));`,
  });

/** Gradient of the slope in parts: one number per chunk of places. */
export const preluSlopeKernel: Kernel = kernelOf({
  name: "preluGradient.slope",
  uses: ["arena", "partials"],
  fields: ["places", "c4", "xAt", "xPitch", "yAt", "yPitch", "chunk", "chunks", "pAt", "pPitch"],
  body: `
  if (thread >= u.chunks) { return; }
  var sum = vec4f();
  for (var place = thread * u.chunk; place < min(u.places, (thread + 1) * u.chunk); place++) {
    for (var c = 0; c < u.c4; c++) {
      let g = arena[u32(u.yAt + place * u.yPitch + c)];
      sum = fma(g, min(arena[u32(u.xAt + place * u.xPitch + c)], vec4f()), sum);
    }
  }
  partials[u32(u.pAt + thread * u.pPitch)] = vec4f(sum.x + sum.y + sum.z + sum.w, 0.0, 0.0, 0.0);`,
});

/**
 * A tensor of which each lane of the target comes from its own float of x: \`ranges\` says from
 * \`lanesAt\` on which, and -1 for none. For tensors whose channels lie differently.
 */
export const rearrangeKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `rearrange.${epilogueName(epilogue)}`,
    uses: ["arena", "ranges"],
    fields: [...targetFields, "xAt", "xPitch", "lanesAt", ...epilogueFields(epilogue)],
    functions: `fn at(place: i32, lane: i32) -> f32 {
  if (lane < 0) { return 0.0; }
  return arena[u32(u.xAt + place * u.xPitch + lane / 4)][lane % 4];
}
${deliverFunction(epilogue)}`,
    body: `${threadPlace}
  let lanes = ranges[u32(u.lanesAt + c)];
  deliver(place, c, vec4f(at(place, lanes.x), at(place, lanes.y), at(place, lanes.z), at(place, lanes.w)));`,
  });
