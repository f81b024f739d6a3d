import { type Kernel, kernelOf, lines, range } from "../../webgpu/kernel.ts";

/** What a filter gradient shader is made for. */
export interface ConvWeightGradientVariant {
  readonly rank: 4 | 5;
  readonly size: number;
  readonly unit: boolean;
  readonly fromImage: boolean;
  readonly bias: boolean;
}

/**
 * Filter gradient: each thread holds one row of taps for 4 x 4 channels (1 x 4 of the image)
 * and walks every `splits`-th part of the rows of dy. The parts are summed by a later pass in
 * a fixed order, so the result is the same every time. The thread of the middle taps sees all
 * of dy and also gives the bias gradient. Each part is laid out as the weights: kernel
 * [taps, in, out], then bias.
 */
export function convWeightGradientKernel(variant: ConvWeightGradientVariant): Kernel {
  const { rank, size, unit, fromImage, bias } = variant;
  const middle = (size - 1) / 2;
  const tapRows = rank === 5 ? size * size : size;
  const perTap = fromImage ? 1 : 4;
  const sums = (line: (kw: number, i: number) => string) =>
    lines(size, (kw) => lines(perTap, (i) => line(kw, i)));
  const fields = ["xD", "xH", "xW", "yD", "yH", "yW", "rows", "rowsPerSplit", "splits", "i4", "o4"];
  fields.push("xAt", "xPitch", "yAt", "yPitch", "pAt", "pPitch", "stride", "dilation");
  const body = `
  let co = thread % u.o4;
  let ci = (thread / u.o4) % u.i4;
  let tapRow = (thread / u.o4 / u.i4) % ${tapRows};
  let split = thread / u.o4 / u.i4 / ${tapRows};
  if (split >= u.splits) { return; }
  let kh = tapRow % ${size} - ${middle};
  let kd = ${rank === 5 ? `tapRow / ${size} - ${middle}` : "0"};
${sums((kw, i) => `  var a${kw}_${i} = vec4f();`)}
${bias ? "  var b = vec4f();" : ""}
  for (var row = split * u.rowsPerSplit; row < min(u.rows, (split + 1) * u.rowsPerSplit); row++) {
    let h = ${sourceAt("row % u.yH", "kh", unit)};
    let d = ${rank === 5 ? sourceAt("(row / u.yH) % u.yD", "kd", unit) : "0"};
    if (h < 0 || h >= u.xH || d < 0 || d >= u.xD) { continue; }
    let n = row / u.yH / u.yD;
    let xRow = u.xAt + ((n * u.xD + d) * u.xH + h) * u.xW * u.xPitch + ci;
    var yAt = u.yAt + row * u.yW * u.yPitch + co;
${unit ? slidingWindow(variant) : anyStride(variant)}
  }
  let at = u.pAt + split * u.pPitch;
${sums((kw, i) => `  partials[u32(at + ((tapRow * ${size} + ${kw}) * u.i4 * ${perTap} + ci * ${perTap} + ${i}) * u.o4 + co)] = a${kw}_${i};`)}
${bias ? `  if (ci == 0 && tapRow == ${(tapRows - 1) / 2}) { partials[u32(at + ${tapRows * size * perTap} * u.i4 * u.o4 + co)] = b; }` : ""}`;
  const name = `convWeightGradient.${rank}.${size}${unit ? "u" : "g"}${fromImage ? "i" : ""}${bias ? "b" : ""}`;
  const uses = ["arena", "partials", ...(fromImage ? (["image"] as const) : [])] as const;
  return kernelOf({ name, uses, fields, body });
}

/** Place of x along an axis that tap `k` of place `y` reads. */
const sourceAt = (y: string, k: string, unit: boolean): string =>
  unit ? `(${y}) + ${k}` : `(${y}) * u.stride + ${k} * u.dilation`;

const source = ({ fromImage }: ConvWeightGradientVariant, x: string): string =>
  fromImage ? `image[u32(xRow + ${x} * u.xPitch)]` : `arena[u32(xRow + ${x} * u.xPitch)]`;

const add = ({ fromImage }: ConvWeightGradientVariant, kw: number, x: string): string =>
  fromImage
    ? `        a${kw}_0 = fma(vec4f(${x}), g, a${kw}_0);`
    : range(4)
        .map((i) => `        a${kw}_${i} = fma(vec4f(${x}.${"xyzw"[i]}), g, a${kw}_${i});`)
        .join("\n");

/** Stride 1: each value of x is loaded once for all taps of the row. */
function slidingWindow(variant: ConvWeightGradientVariant): string {
  const { size, fromImage, bias } = variant;
  const middle = (size - 1) / 2;
  const zero = fromImage ? "0.0" : "vec4f()";
  const last = size - 1;
  return `${lines(last, (k) => `    var x${k} = select(${zero}, ${source(variant, `${k - middle}`)}, ${k} >= ${middle} && ${k - middle} < u.xW);`)}
    for (var w = 0; w < u.yW; w++) {
        let x${last} = select(${zero}, ${source(variant, `(w + ${last - middle})`)}, w + ${last - middle} < u.xW);
        let g = arena[u32(yAt)]; yAt += u.yPitch;
${bias ? "        b += g;" : ""}
${lines(size, (kw) => add(variant, kw, `x${kw}`))}
${lines(last, (k) => `        x${k} = x${k + 1};`)}
    }`;
}

function anyStride(variant: ConvWeightGradientVariant): string {
  const { size, fromImage, bias } = variant;
  const zero = fromImage ? "0.0" : "vec4f()";
  return `    for (var w = 0; w < u.yW; w++) {
        let g = arena[u32(yAt)]; yAt += u.yPitch;
${bias ? "        b += g;" : ""}
${lines(size, (kw) => `        let i${kw} = w * u.stride + ${kw - (size - 1) / 2} * u.dilation;\n        let x${kw} = select(${zero}, ${source(variant, `i${kw}`)}, u32(i${kw}) < u32(u.xW));\n${add(variant, kw, `x${kw}`)}`)}
    }`;
}
