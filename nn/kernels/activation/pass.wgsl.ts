import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

/** Copies a tensor through the epilogue: copy, add, mask or activation. */
export const passKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `pass.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: ["places", "c4", "xAt", "xPitch", "tAt", "tPitch", ...epilogueFields(epilogue)],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  deliver(place, c, arena[u32(u.xAt + place * u.xPitch + c)]);`,
  });

/** The image, padded with zero channels to whole vec4s, for ops that read vec4s. */
export const imageKernel: Kernel = kernelOf({
  name: "image",
  uses: ["arena", "image"],
  fields: ["places", "c4", "channels", "tAt"],
  body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  var v = vec4f();
  for (var i = 0; i < 4; i++) {
    if (c * 4 + i < u.channels) { v[i] = image[u32(place * u.channels + c * 4 + i)]; }
  }
  arena[u32(u.tAt + place * u.c4 + c)] = v;`,
});

/** Zero. */
export const clearKernel: Kernel = kernelOf({
  name: "clear",
  uses: ["arena"],
  fields: ["tAt"],
  body: `
  if (thread == 0) { arena[u32(u.tAt)] = vec4f(); }`,
});
