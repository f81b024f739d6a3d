import { type Kernel, kernelOf, lines } from "../../webgpu/kernel.ts";
import { middleOf } from "./conv.wgsl.ts";

/** What a filter gradient shader is made for. */
export interface ConvWeightGradientVariant {
  readonly rank: 4 | 5;
  /** As of `ConvVariant`: with 3 a thread holds a row of 3 taps, else a single tap. */
  readonly unitSize: 1 | 3 | null;
  readonly fromImage: boolean;
  readonly bias: boolean;
  /**
   * Of a transposed convolution: x is its dy and y its x, and the kernel's channels are
   * exchanged.
   */
  readonly isTransposed?: boolean;
}

/** Taps along the width that one thread holds. */
export const tapsPerThread = (unitSize: 1 | 3 | null): 1 | 3 => (unitSize === 3 ? 3 : 1);

/**
 * Filter gradient: each thread holds one tap, or a row of three, for 4 x 4 channels (1 x 4 of
 * the image) and walks every `splits`-th part of the rows of dy. The parts are summed by a
 * later pass in a fixed order, so the result is the same every time. The thread of the middle
 * tap sees all of dy and also gives the bias gradient. Each part is laid out as the weights:
 * kernel [taps, in, out], then bias.
 */
export function convWeightGradientKernel(variant: ConvWeightGradientVariant): Kernel {
  const { rank, unitSize, fromImage, bias, isTransposed = false } = variant;
  const perTap = fromImage ? 1 : 4;
  const held = tapsPerThread(unitSize);
  const sums = (line: (kw: number, i: number) => string) =>
    lines(held, (kw) => lines(perTap, (i) => line(kw, i)));
  const fields = ["xD", "xH", "xW", "yD", "yH", "yW", "rows", "rowsPerSplit", "splits", "i4", "o4"];
  fields.push("xAt", "xPitch", "yAt", "yPitch", "pAt", "pPitch", "taps", "size", "stride");
  const size = unitSize ?? "u.size";
  const body = `
  let co = thread % u.o4;
  let ci = (thread / u.o4) % u.i4;
  let groups = u.taps / ${held};
  let group = (thread / u.o4 / u.i4) % groups;
  let split = thread / u.o4 / u.i4 / groups;
  if (split >= u.splits) { return; }
  let middle = ${middleOf(size)};
  let tapRow = group * ${held} / ${size};
  let kh = tapRow % ${size} - middle;
  let kd = ${rank === 5 ? `tapRow / ${size} - middle` : "0"};
${held === 1 ? `  let kw = group % ${size} - middle;` : ""}
${sums((kw, i) => `  var a${kw}_${i} = vec4f();`)}
${bias ? "  var b = vec4f();" : ""}
  for (var row = split * u.rowsPerSplit; row < min(u.rows, (split + 1) * u.rowsPerSplit); row++) {
    let h = ${sourceAt(variant, "row % u.yH", "kh")};
    let d = ${rank === 5 ? sourceAt(variant, "(row / u.yH) % u.yD", "kd") : "0"};
    if (h < 0 || h >= u.xH || d < 0 || d >= u.xD) { continue; }
    let n = row / u.yH / u.yD;
    let xRow = u.xAt + ((n * u.xD + d) * u.xH + h) * u.xW * u.xPitch + ci;
    var yAt = u.yAt + row * u.yW * u.yPitch + co;
${held === 3 ? slidingWindow(variant) : oneTap(variant)}
  }
  let at = u.pAt + split * u.pPitch;
${sums((kw, i) =>
  isTransposed
    ? `  partials[u32(at + ((group * ${held} + ${kw}) * u.o4 * 4 + co * 4 + ${i}) * u.i4 + ci)] = ${column(kw, i)};`
    : `  partials[u32(at + ((group * ${held} + ${kw}) * u.i4 * ${perTap} + ci * ${perTap} + ${i}) * u.o4 + co)] = a${kw}_${i};`,
)}
${bias ? `  if (ci == 0 && group == groups / 2) { partials[u32(at + u.taps * u.i4 * ${perTap} * u.o4 + co)] = b; }` : ""}`;
  const name = `conv${isTransposed ? "Transposed" : ""}WeightGradient.any.${rank}.${unitSize ?? "any"}${fromImage ? "i" : ""}${bias ? "b" : ""}`;
  const uses = ["arena", "partials", ...(fromImage ? (["image"] as const) : [])] as const;
  return kernelOf({ name, uses, fields: [...fields, "dilation"], body });
}

/** Column `i` of the 4 x 4 sums of a tap. */
const column = (kw: number, i: number): string =>
  `vec4f(${[0, 1, 2, 3].map((row) => `a${kw}_${row}.${"xyzw".charAt(i)}`).join(", ")})`;

/** Place of x along an axis that tap `k` of place `y` reads. */
const sourceAt = ({ unitSize }: ConvWeightGradientVariant, y: string, k: string): string =>
  unitSize === null ? `(${y}) * u.stride + ${k} * u.dilation` : `(${y}) + ${k}`;

const source = ({ fromImage }: ConvWeightGradientVariant, x: string): string =>
  `${fromImage ? "image" : "arena"}[u32(xRow + ${x} * u.xPitch)]`;

const zero = ({ fromImage }: ConvWeightGradientVariant): string => (fromImage ? "0.0" : "vec4f()");

const add = ({ fromImage }: ConvWeightGradientVariant, kw: number, x: string): string =>
  fromImage
    ? `        a${kw}_0 = fma(vec4f(${x}), g, a${kw}_0);`
    : lines(4, (i) => `        a${kw}_${i} = fma(vec4f(${x}.${"xyzw"[i]}), g, a${kw}_${i});`);

/** Each value of x is loaded once for the three taps of the row. */
function slidingWindow(variant: ConvWeightGradientVariant): string {
  return `    var x0 = ${zero(variant)};
    var x1 = ${source(variant, "0")};
    for (var w = 0; w < u.yW; w++) {
        let x2 = select(${zero(variant)}, ${source(variant, "(w + 1)")}, w + 1 < u.xW);
        let g = arena[u32(yAt)]; yAt += u.yPitch;
${variant.bias ? "        b += g;" : ""}
${lines(3, (kw) => add(variant, kw, `x${kw}`))}
        x0 = x1; x1 = x2;
    }`;
}

function oneTap(variant: ConvWeightGradientVariant): string {
  return `    for (var w = 0; w < u.yW; w++) {
        let g = arena[u32(yAt)]; yAt += u.yPitch;
${variant.bias ? "        b += g;" : ""}
        let i = ${sourceAt(variant, "w", "kw")};
        let x = select(${zero(variant)}, ${source(variant, "i")}, u32(i) < u32(u.xW));
${add(variant, 0, "x")}
    }`;
}

/** Sums of y over parts of its places, to where the parts of a bias lie. */
export const biasGradientKernel: Kernel = kernelOf({
  name: "biasGradient",
  uses: ["arena", "partials"],
  fields: ["places", "chunk", "chunks", "c4", "yAt", "yPitch", "pAt", "pPitch"],
  body: `
  let c = thread % u.c4; let part = thread / u.c4;
  if (part >= u.chunks) { return; }
  var sum = vec4f();
  for (var place = part * u.chunk; place < min(u.places, (part + 1) * u.chunk); place++) {
    sum += arena[u32(u.yAt + place * u.yPitch + c)];
  }
  partials[u32(u.pAt + part * u.pPitch + c)] = sum;`,
});
