import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

/**
 * Mixes along one axis, `inner` places long within and `from` and `to` along it. `ranges` holds
 * from `tapsAt` on, for each result, its first and last row of taps; a row is a place and the bits
 * of its share.
 */
export const mixAxisKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `mixAxis.${epilogueName(epilogue)}`,
    uses: ["arena", "ranges"],
    fields: [
      ...["places", "c4", "from_", "to", "inner", "tapsAt", "xAt", "xPitch", "tAt", "tPitch"],
      ...epilogueFields(epilogue),
    ],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  let k = place % u.inner; let i = (place / u.inner) % u.to; let n = place / u.inner / u.to;
  let ends = ranges[u32(u.tapsAt + i)];
  var sum = vec4f();
  for (var t = ends.x; t < ends.y; t++) {
    let tap = ranges[u32(u.tapsAt + t)];
    let source = (n * u.from_ + tap.x) * u.inner + k;
    sum = fma(vec4f(bitcast<f32>(tap.y)), arena[u32(u.xAt + source * u.xPitch + c)], sum);
  }
  deliver(place, c, sum);`,
  });
