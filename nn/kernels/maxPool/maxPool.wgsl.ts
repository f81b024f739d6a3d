import { type Kernel, kernelOf, lines } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

const plain: Epilogue = { accumulate: false, mask: false, activation: false };

/** Place of x at offset `k` of the window of (n, d, h, w). */
const placeOf = (rank: 4 | 5, k: number): string =>
  rank === 5
    ? `((n * u.xD + d * 2 + ${k >> 2}) * u.xH + h * 2 + ${(k >> 1) & 1}) * u.xW + w * 2 + ${k & 1}`
    : `(n * u.xH + h * 2 + ${k >> 1}) * u.xW + w * 2 + ${k & 1}`;

/** Largest of each window. */
export const maxPoolKernel = (rank: 4 | 5): Kernel =>
  kernelOf({
    name: `maxPool.${rank}`,
    uses: ["arena"],
    fields: ["xD", "xH", "xW", "yD", "yH", "yW", "batch", "c4", "xAt", "xPitch", "tAt", "tPitch"],
    functions: deliverFunction(plain),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  let w = place % u.yW; let h = (place / u.yW) % u.yH;
  let d = (place / u.yW / u.yH) % u.yD; let n = place / u.yW / u.yH / u.yD;
  if (n >= u.batch) { return; }
  var top = arena[u32(u.xAt + (${placeOf(rank, 0)}) * u.xPitch + c)];
${lines(rank === 5 ? 7 : 3, (k) => `  top = max(top, arena[u32(u.xAt + (${placeOf(rank, k + 1)}) * u.xPitch + c)]);`)}
  deliver(place, c, top);`,
  });

/**
 * Gives dy to the first largest of each window and nothing to the others. A thread serves one
 * window; windows cut off by an odd edge belong to no result and get nothing.
 */
export function maxPoolGradientKernel(rank: 4 | 5, epilogue: Epilogue): Kernel {
  const taps = rank === 5 ? 8 : 4;
  const inside = (k: number) =>
    rank === 5
      ? `d * 2 + ${k >> 2} < u.xD && h * 2 + ${(k >> 1) & 1} < u.xH && w * 2 + ${k & 1} < u.xW`
      : `h * 2 + ${k >> 1} < u.xH && w * 2 + ${k & 1} < u.xW`;
  return kernelOf({
    name: `maxPoolGradient.${rank}.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: [
      ...["xD", "xH", "xW", "yD", "yH", "yW", "batch", "c4", "xAt", "xPitch", "yAt", "yPitch"],
      ...["tAt", "tPitch", ...epilogueFields(epilogue)],
    ],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let window = thread / u.c4;
  let tilesW = (u.xW + 1) / 2; let tilesH = (u.xH + 1) / 2; let tilesD = ${rank === 5 ? "(u.xD + 1) / 2" : "1"};
  let w = window % tilesW; let h = (window / tilesW) % tilesH;
  let d = (window / tilesW / tilesH) % tilesD; let n = window / tilesW / tilesH / tilesD;
  if (n >= u.batch) { return; }
  var g = vec4f(); var winner = vec4i(-1);
  if (w < u.yW && h < u.yH && d < u.yD) {
    g = arena[u32(u.yAt + (((n * u.yD + d) * u.yH + h) * u.yW + w) * u.yPitch + c)];
    var top = arena[u32(u.xAt + (${placeOf(rank, 0)}) * u.xPitch + c)];
    winner = vec4i(0);
${lines(taps - 1, (i) => `    let x${i + 1} = arena[u32(u.xAt + (${placeOf(rank, i + 1)}) * u.xPitch + c)];\n    winner = select(winner, vec4i(${i + 1}), x${i + 1} > top); top = max(top, x${i + 1});`)}
  }
${lines(taps, (k) => `  if (${inside(k)}) { deliver(${placeOf(rank, k)}, c, select(vec4f(), g, winner == vec4i(${k}))); }`)}`,
  });
}
