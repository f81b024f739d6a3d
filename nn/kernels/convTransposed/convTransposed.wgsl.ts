import { type Kernel, kernelOf, lines, range } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

export interface ConvTransposedVariant extends Epilogue {
  readonly rank: 4 | 5;
  readonly size: number;
  readonly bias: boolean;
}

const tile = 4;
const tapsOf = ({ rank, size }: Pick<ConvTransposedVariant, "rank" | "size">): number =>
  size ** (rank - 2);

/** Splits `row` of x into its axes, and a tap into offsets along them. */
const axes = (rank: 4 | 5, size: number) => `
  let h = row % u.xH;
  let d = (row / u.xH) % u.xD;
  let n = row / u.xH / u.xD;
  let yH = u.xH * ${size}; let yW = u.xW * ${size}; let yD = u.xD * ${rank === 5 ? size : 1};`;

/** Place of y that tap `t` of place (n, d, h, w) of x goes to. */
const target = (rank: 4 | 5, size: number, w: string) =>
  rank === 5
    ? `((n * yD + d * ${size} + t / ${size * size}) * yH + h * ${size} + (t / ${size}) % ${size}) * yW + (${w}) * ${size} + t % ${size}`
    : `(n * yH + h * ${size} + t / ${size}) * yW + (${w}) * ${size} + t % ${size}`;

/** y from x: a thread holds 4 results of one tap along the width, 4 channels each. */
export function convTransposedKernel(variant: ConvTransposedVariant): Kernel {
  const { rank, size, bias } = variant;
  const taps = tapsOf(variant);
  const body = `
  let co = thread % u.o4;
  let t = (thread / u.o4) % ${taps};
  let tiles = (u.xW + ${tile - 1}) / ${tile};
  let x0 = (thread / u.o4 / ${taps} % tiles) * ${tile};
  let row = thread / u.o4 / ${taps} / tiles;
  if (row >= u.rows) { return; }
${axes(rank, size)}
${lines(tile, (p) => `  var a${p} = ${bias ? "weights[u32(u.bAt + co)]" : "vec4f()"};`)}
  for (var c = 0; c < u.i4; c++) {
${lines(4, (i) => `    let w${i} = weights[u32(u.wAt + ((t * u.i4 + c) * 4 + ${i}) * u.o4 + co)];`)}
${lines(tile, (p) => `    let v${p} = arena[u32(u.xAt + (row * u.xW + min(x0 + ${p}, u.xW - 1)) * u.xPitch + c)];\n    a${p} += v${p}.x * w0 + v${p}.y * w1 + v${p}.z * w2 + v${p}.w * w3;`)}
  }
${lines(tile, (p) => `  if (x0 + ${p} < u.xW) { deliver(${target(rank, size, `x0 + ${p}`)}, co, a${p}); }`)}`;
  return kernelOf({
    name: `convTransposed.${rank}.${size}${bias ? "b" : ""}${epilogueName(variant)}`,
    uses: ["arena", "weights"],
    fields: [
      ...["xD", "xH", "xW", "rows", "i4", "o4", "xAt", "xPitch", "tAt", "tPitch", "wAt", "bAt"],
      ...epilogueFields(variant),
    ],
    functions: deliverFunction(variant),
    body,
  });
}

/** dx from dy: a thread holds 4 places along the width, 4 channels each. */
export function convTransposedInputGradientKernel(variant: ConvTransposedVariant): Kernel {
  const { rank, size } = variant;
  const body = `
  let ci = thread % u.i4;
  let tiles = (u.xW + ${tile - 1}) / ${tile};
  let x0 = (thread / u.i4 % tiles) * ${tile};
  let row = thread / u.i4 / tiles;
  if (row >= u.rows) { return; }
${axes(rank, size)}
${lines(tile, (p) => `  var a${p} = vec4f();`)}
  for (var t = 0; t < ${tapsOf(variant)}; t++) {
${lines(tile, (p) => `    let y${p} = u.yAt + (${target(rank, size, `min(x0 + ${p}, u.xW - 1)`)}) * u.yPitch;`)}
    for (var c = 0; c < u.o4; c++) {
${lines(4, (i) => `      let w${i} = weights[u32(u.wAt + ((t * u.i4 + ci) * 4 + ${i}) * u.o4 + c)];`)}
${lines(
  tile,
  (p) =>
    `      let v${p} = arena[u32(y${p} + c)];\n      a${p} += vec4f(${range(4)
      .map((i) => `dot(v${p}, w${i})`)
      .join(", ")});`,
)}
    }
  }
${lines(tile, (p) => `  if (x0 + ${p} < u.xW) { deliver(row * u.xW + x0 + ${p}, ci, a${p}); }`)}`;
  return kernelOf({
    name: `convTransposedInputGradient.${rank}.${size}${epilogueName(variant)}`,
    uses: ["arena", "weights"],
    fields: [
      ...["xD", "xH", "xW", "rows", "i4", "o4", "yAt", "yPitch", "tAt", "tPitch", "wAt"],
      ...epilogueFields(variant),
    ],
    functions: deliverFunction(variant),
    body,
  });
}

/**
 * Gradient of kernel and bias in parts (see `convWeightGradient.wgsl.ts`): a thread holds one
 * tap for 4 x 4 channels and walks every `splits`-th part of the rows of x.
 */
export function convTransposedWeightGradientKernel(
  variant: Pick<ConvTransposedVariant, "rank" | "size" | "bias">,
): Kernel {
  const { rank, size, bias } = variant;
  const taps = tapsOf(variant);
  const body = `
  let co = thread % u.o4;
  let ci = (thread / u.o4) % u.i4;
  let tap = (thread / u.o4 / u.i4) % ${taps};
  let split = thread / u.o4 / u.i4 / ${taps};
  if (split >= u.splits) { return; }
${lines(4, (i) => `  var a${i} = vec4f();`)}
  var b = vec4f();
  for (var row = split * u.rowsPerSplit; row < min(u.rows, (split + 1) * u.rowsPerSplit); row++) {
${axes(rank, size)}
    for (var w = 0; w < u.xW; w++) {
      let t = tap;
      let g = arena[u32(u.yAt + (${target(rank, size, "w")}) * u.yPitch + co)];
      let v = arena[u32(u.xAt + (row * u.xW + w) * u.xPitch + ci)];
${lines(4, (i) => `      a${i} = fma(vec4f(v.${"xyzw"[i]}), g, a${i});`)}
    }
${
  bias
    ? `    if (ci == 0 && tap == 0) {
      for (var t = 0; t < ${taps}; t++) { for (var w = 0; w < u.xW; w++) {
        b += arena[u32(u.yAt + (${target(rank, size, "w")}) * u.yPitch + co)];
      } }
    }`
    : ""
}
  }
  let at = u.pAt + split * u.pPitch;
${lines(4, (i) => `  partials[u32(at + ((tap * u.i4 + ci) * 4 + ${i}) * u.o4 + co)] = a${i};`)}
${bias ? `  if (ci == 0 && tap == 0) { partials[u32(at + ${taps * 4} * u.i4 * u.o4 + co)] = b; }` : ""}`;
  return kernelOf({
    name: `convTransposedWeightGradient.${rank}.${size}${bias ? "b" : ""}`,
    uses: ["arena", "partials"],
    fields: [
      ...["xD", "xH", "xW", "rows", "rowsPerSplit", "splits", "i4", "o4"],
      ...["xAt", "xPitch", "yAt", "yPitch", "pAt", "pPitch"],
    ],
    body,
  });
}
