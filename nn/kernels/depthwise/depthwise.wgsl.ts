import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

/** What a depthwise shader is made for. */
export interface DepthwiseVariant extends Epilogue {
  readonly rank: 4 | 5;
  /** The transpose, without bias: the gradient by the input. */
  readonly isMirrored: boolean;
}

/** y = bias + sum over taps of x * kernel, channel by channel. */
export function depthwiseKernel(variant: DepthwiseVariant): Kernel {
  const { rank, isMirrored } = variant;
  const depth = rank === 5 ? "u.size" : "1";
  const tap = `(kd * u.size + kh) * u.size + kw`;
  return kernelOf({
    name: `depthwise.${rank}${isMirrored ? "m" : ""}.${epilogueName(variant)}`,
    uses: ["arena", "weights"],
    fields: [
      ...["places", "c4", "xD", "xH", "xW", "size", "xAt", "xPitch", "wAt", "bAt", "tAt"],
      ...["tPitch", ...epilogueFields(variant)],
    ],
    functions: deliverFunction(variant),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  if (place >= u.places) { return; }
  let w = place % u.xW; let h = (place / u.xW) % u.xH;
  let d = (place / u.xW / u.xH) % u.xD; let n = place / u.xW / u.xH / u.xD;
  let middle = (u.size - 1) / 2;
  var sum = ${isMirrored ? "vec4f()" : "weights[u32(u.bAt + c)]"};
  for (var kd = 0; kd < ${depth}; kd++) {
    let sd = ${rank === 5 ? "d + kd - middle" : "0"};
    if (sd < 0 || sd >= u.xD) { continue; }
    for (var kh = 0; kh < u.size; kh++) {
      let sh = h + kh - middle;
      if (sh < 0 || sh >= u.xH) { continue; }
      for (var kw = 0; kw < u.size; kw++) {
        let sw = w + kw - middle;
        if (sw < 0 || sw >= u.xW) { continue; }
        let tap = ${isMirrored ? `${depth} * u.size * u.size - 1 - (${tap})` : tap};
        let at = u.xAt + (((n * u.xD + sd) * u.xH + sh) * u.xW + sw) * u.xPitch + c;
        sum = fma(arena[u32(at)], weights[u32(u.wAt + tap * u.c4 + c)], sum);
      }
    }
  }
  deliver(place, c, sum);`,
  });
}

/** Parts of the gradients of kernel [taps, c4] and bias; each walks some rows of dy. */
export const depthwiseWeightGradientKernel = (rank: 4 | 5): Kernel =>
  kernelOf({
    name: `depthwiseWeightGradient.${rank}`,
    uses: ["arena", "partials"],
    fields: [
      ...["rows", "chunks", "chunk", "taps", "c4", "xD", "xH", "xW", "size", "xAt", "xPitch"],
      ...["yAt", "yPitch", "pAt", "pPitch"],
    ],
    body: `
  let c = thread % u.c4; let tap = (thread / u.c4) % u.taps; let part = thread / u.c4 / u.taps;
  if (part >= u.chunks) { return; }
  let middle = (u.size - 1) / 2;
  let kw = tap % u.size - middle;
  let kh = (tap / u.size) % u.size - middle;
  let kd = ${rank === 5 ? "tap / u.size / u.size - middle" : "0"};
  var sum = vec4f(); var bias = vec4f();
  for (var row = part * u.chunk; row < min(u.rows, (part + 1) * u.chunk); row++) {
    let h = row % u.xH + kh;
    let d = (row / u.xH) % u.xD + kd;
    if (h < 0 || h >= u.xH || d < 0 || d >= u.xD) { continue; }
    let n = row / u.xH / u.xD;
    let x = u.xAt + ((n * u.xD + d) * u.xH + h) * u.xW * u.xPitch + c;
    for (var w = 0; w < u.xW; w++) {
      let g = arena[u32(u.yAt + (row * u.xW + w) * u.yPitch + c)];
      bias += g;
      let i = w + kw;
      if (i >= 0 && i < u.xW) { sum = fma(arena[u32(x + i * u.xPitch)], g, sum); }
    }
  }
  let at = u.pAt + part * u.pPitch;
  partials[u32(at + tap * u.c4 + c)] = sum;
  if (tap == u.taps / 2) { partials[u32(at + u.taps * u.c4 + c)] = bias; }`,
  });
