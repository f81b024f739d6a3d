import { type Kernel, kernelOf, lines, range } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

/** What a convolution shader is made for; sizes and channels are uniforms. */
export interface ConvVariant extends Epilogue {
  /**
   * "forward": y from x. "input": dx from dy, with the same weights read transposed, so that
   * no flipped copy is made.
   */
  readonly direction: "forward" | "input";
  /**
   * Of a transposed convolution: its results lie as those of the other direction, while its
   * weights are read as in this one.
   */
  readonly isTransposed?: boolean;
  readonly rank: 4 | 5;
  /**
   * 1 or 3 for a kernel of that size with stride and dilation 1, where neighbouring results
   * share what they load; null for any size, stride and dilation.
   */
  readonly unitSize: 1 | 3 | null;
  /** Results per thread along the width, and vec4s of channels. */
  readonly tile: readonly [width: number, channels4: number];
  /** The source is the image: scalars, any number of channels. */
  readonly fromImage: boolean;
  readonly bias: boolean;
}

/** `unitSize` of a convolution. */
export const unitSizeOf = (window: {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}): 1 | 3 | null => {
  const { size, stride, dilation } = window;
  return stride === 1 && dilation === 1 && (size === 1 || size === 3) ? size : null;
};

/**
 * Convolution by register tiles, without barriers: each thread holds a row of results for 4
 * or 8 channels and walks taps and source channels. `s` names the source, `t` the target.
 */
export function convKernel(variant: ConvVariant): Kernel {
  const { direction, isTransposed = false, rank, unitSize, tile, fromImage, bias } = variant;
  const [width, channels4] = tile;
  const name = `conv${isTransposed ? "Transposed" : ""}.${direction}.${rank}.${unitSize ?? "any"}.${tile.join("x")}${fromImage ? "i" : ""}${bias ? "b" : ""}${epilogueName(variant)}`;
  const sums = (line: (p: number, c: number) => string) =>
    lines(width, (p) => lines(channels4, (c) => line(p, c)));
  const fields = ["sD", "sH", "sW", "tD", "tH", "tW", "rows", "s4", "t4", "sAt", "sPitch", "tAt"];
  fields.push("tPitch", "wAt", "bAt", "w4", "size", "stride", "dilation");
  const size = unitSize ?? "u.size";
  const body = `
  let blocks = u.t4 / ${channels4};
  let tiles = (u.tW + ${width - 1}) / ${width};
  let co = (thread % blocks) * ${channels4};
  let x0 = ((thread / blocks) % tiles) * ${width};
  let row = thread / blocks / tiles;
  if (row >= u.rows) { return; }
  let h = row % u.tH;
  let d = (row / u.tH) % u.tD;
  let n = row / u.tH / u.tD;
  let middle = ${middleOf(size)};
${sums((p, c) => `  var a${p}_${c} = ${bias ? `weights[u32(u.bAt + co + ${c})]` : "vec4f()"};`)}
${rank === 5 ? `  for (var kd = 0; kd < ${size}; kd++) {\n${sourceAxis(variant, "d", "sD")}` : "  let kd = 0; let sd = 0;"}
  for (var kh = 0; kh < ${size}; kh++) {
${sourceAxis(variant, "h", "sH")}
    let source = u.sAt + ((n * u.sD + sd) * u.sH + sh) * u.sW * u.sPitch;
    let row0 = (kd * ${size} + kh) * ${size};
${unitSize === null ? anyTaps(variant) : unitTaps(variant, unitSize)}
  }
${rank === 5 ? "  }" : ""}
  let place = row * u.tW + x0;
${lines(
  width,
  (p) =>
    `  if (x0 + ${p} < u.tW) { ${range(channels4)
      .map((c) => `deliver(place + ${p}, co + ${c}, a${p}_${c});`)
      .join(" ")} }`,
)}`;
  return kernelOf({
    name,
    uses: ["arena", "weights", ...(fromImage ? (["image"] as const) : [])],
    fields: [...fields, ...epilogueFields(variant)],
    functions: deliverFunction(variant),
    body,
  });
}

/** Taps in front of a place; none of a kernel of even size, which cuts into patches. */
export const middleOf = (size: number | string): string => `(${size} - 1) / 2 * (${size} % 2)`;

/** Whether sources lie before their targets' window, or spread by the stride. */
const placesOf = ({ direction, isTransposed = false }: ConvVariant): "forward" | "input" =>
  isTransposed === (direction === "forward") ? "input" : "forward";

/** Source coordinate along depth or height for the loop's tap, or the next tap. */
function sourceAxis(variant: ConvVariant, axis: string, extent: string): string {
  const { unitSize } = variant;
  const direction = placesOf(variant);
  const [k, s, q] = [`k${axis}`, `s${axis}`, `q${axis}`];
  const skipOutside = `if (${s} < 0 || ${s} >= u.${extent}) { continue; }`;
  if (unitSize !== null) {
    const offset = direction === "forward" ? `${k} - middle` : `middle - ${k}`;
    return `    let ${s} = ${axis} + ${offset}; ${skipOutside}`;
  }
  if (direction === "forward")
    return `    let ${s} = ${axis} * u.stride + (${k} - middle) * u.dilation; ${skipOutside}`;
  return `    let ${q} = ${axis} + (middle - ${k}) * u.dilation; let ${s} = ${q} / u.stride;
    if (${q} < 0 || ${s} * u.stride != ${q}) { continue; }
    ${skipOutside}`;
}

const valueAt = ({ fromImage }: ConvVariant, x: string): string =>
  `${fromImage ? "image" : "arena"}[u32(source + ${x} * u.sPitch + c)]`;

const zero = ({ fromImage }: ConvVariant): string => (fromImage ? "0.0" : "vec4f()");

/** All taps of a row at once: what the tile's results share is loaded once. */
function unitTaps(variant: ConvVariant, size: 1 | 3): string {
  const { tile } = variant;
  const direction = placesOf(variant);
  const middle = (size - 1) / 2;
  const value = (kw: number, p: number) => (direction === "forward" ? p + kw : p + size - 1 - kw);
  return `    for (var c = 0; c < u.s4; c++) {
${lines(
  tile[0] + size - 1,
  (i) =>
    `      let i${i} = x0 + ${i - middle}; let v${i} = select(${zero(variant)}, ${valueAt(variant, `i${i}`)}, u32(i${i}) < u32(u.sW));`,
)}
${lines(size, (kw) => multiply(variant, `row0 + ${kw}`, `${kw}`, (p) => `v${value(kw, p)}`))}
    }`;
}

/** One tap after the other. */
function anyTaps(variant: ConvVariant): string {
  const { tile } = variant;
  const direction = placesOf(variant);
  const source = (p: number) =>
    direction === "forward"
      ? `let i${p} = (x0 + ${p}) * u.stride + (kw - middle) * u.dilation; let on${p} = u32(i${p}) < u32(u.sW);`
      : `let q${p} = x0 + ${p} + (middle - kw) * u.dilation; let i${p} = q${p} / u.stride; let on${p} = q${p} >= 0 && i${p} * u.stride == q${p} && i${p} < u.sW;`;
  return `    for (var kw = 0; kw < u.size; kw++) {
${lines(tile[0], (p) => `      ${source(p)}`)}
      for (var c = 0; c < u.s4; c++) {
${lines(tile[0], (p) => `        let v${p} = select(${zero(variant)}, ${valueAt(variant, `i${p}`)}, on${p});`)}
${multiply(variant, "row0 + kw", "", (p) => `v${p}`)}
      }
    }`;
}

/** Adds one tap's products to the sums; \`id\` keeps the names of weights apart. */
function multiply(
  { tile, direction, fromImage }: ConvVariant,
  tap: string,
  id: string,
  value: (p: number) => string,
): string {
  return lines(tile[1], (c) => {
    const w = (i: number) => `w${id}_${c}_${i}`;
    const load = (i: number, row: string, column: string) =>
      `      let ${w(i)} = weights[u32(u.wAt + (${row}) * u.w4 + ${column})];`;
    if (fromImage)
      return `${load(0, `(${tap}) * u.s4 + c`, `co + ${c}`)}
${lines(tile[0], (p) => `      a${p}_${c} = fma(vec4f(${value(p)}), ${w(0)}, a${p}_${c});`)}`;
    if (direction === "forward")
      return `${lines(4, (i) => load(i, `((${tap}) * u.s4 + c) * 4 + ${i}`, `co + ${c}`))}
${lines(tile[0], (p) => lines(4, (i) => `      a${p}_${c} = fma(vec4f(${value(p)}.${"xyzw"[i]}), ${w(i)}, a${p}_${c});`))}`;
    return `${lines(4, (i) => load(i, `((${tap}) * u.t4 + co + ${c}) * 4 + ${i}`, "c"))}
${lines(
  tile[0],
  (p) =>
    `      a${p}_${c} = vec4f(${range(4)
      .map((i) => addDot(value(p), w(i), `a${p}_${c}.${"xyzw"[i]}`))
      .join(", ")});`,
)}`;
  });
}

/** sum + v . w as four fused multiply-adds, where `dot` and an addition would be five steps. */
const addDot = (v: string, w: string, sum: string): string =>
  ["x", "y", "z", "w"].reduce((rest, axis) => `fma(${v}.${axis}, ${w}.${axis}, ${rest})`, sum);
