import { type Kernel, kernelOf, lines, range } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

/** What a convolution shader is made for; sizes and channels are uniforms. */
export interface ConvVariant extends Epilogue {
  /**
   * "forward": y from x. "input": dx from dy, with the same weights read transposed, so that
   * no flipped copy is made.
   */
  readonly direction: "forward" | "input";
  readonly rank: 4 | 5;
  readonly size: number;
  /** Stride and dilation are 1: neighbouring results share what they load. */
  readonly unit: boolean;
  /** Results per thread along the width, and vec4s of channels. */
  readonly tile: readonly [width: number, channels4: number];
  /** The source is the image: scalars, any number of channels. */
  readonly fromImage: boolean;
  readonly bias: boolean;
}

/**
 * Convolution by register tiles, without barriers: each thread holds a row of results for 4
 * or 8 channels and walks taps and source channels. `s` names the source, `t` the target.
 */
export function convKernel(variant: ConvVariant): Kernel {
  const { direction, rank, size, unit, tile, fromImage, bias } = variant;
  const [width, channels4] = tile;
  const name = `conv.${direction}.${rank}.${size}${unit ? "u" : "g"}.${tile.join("x")}${fromImage ? "i" : ""}${bias ? "b" : ""}${epilogueName(variant)}`;
  const sums = (line: (p: number, c: number) => string) =>
    lines(width, (p) => lines(channels4, (c) => line(p, c)));
  const fields = ["sD", "sH", "sW", "tD", "tH", "tW", "rows", "s4", "t4", "sAt", "sPitch", "tAt"];
  fields.push("tPitch", "wAt", "bAt", "w4", "stride", "dilation", ...epilogueFields(variant));
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
${sums((p, c) => `  var a${p}_${c} = ${bias ? `weights[u32(u.bAt + co + ${c})]` : "vec4f()"};`)}
${rank === 5 ? `  for (var kd = 0; kd < ${size}; kd++) {\n${sourceAxis(variant, "d", "sD")}` : "  let kd = 0; let sd = 0;"}
  for (var kh = 0; kh < ${size}; kh++) {
${sourceAxis(variant, "h", "sH")}
    let tap = (kd * ${size} + kh) * ${size};
    let source = u.sAt + ((n * u.sD + sd) * u.sH + sh) * u.sW * u.sPitch;
    for (var c = 0; c < u.s4; c++) {
${unit ? loadRow(variant) : ""}
${range(size)
  .map((kw) => (unit ? "" : loadTap(variant, kw)) + multiply(variant, kw))
  .join("\n")}
    }
  }
${rank === 5 ? "  }" : ""}
  let place = row * u.tW + x0;
${lines(width, (p) => `  if (x0 + ${p} < u.tW) { ${range(channels4).map((c) => `deliver(place + ${p}, co + ${c}, a${p}_${c});`)} }`.replaceAll(";,", "; "))}`;
  return kernelOf({
    name,
    uses: ["arena", "weights", ...(fromImage ? (["image"] as const) : [])],
    fields,
    functions: deliverFunction(variant),
    body,
  });
}

/** Source coordinate along depth or height for the loop's tap, or the next tap. */
function sourceAxis({ direction, size, unit }: ConvVariant, axis: string, extent: string): string {
  const middle = (size - 1) / 2;
  const k = `k${axis}`;
  if (direction === "forward") {
    const at = unit
      ? `${axis} + ${k} - ${middle}`
      : `${axis} * u.stride + (${k} - ${middle}) * u.dilation`;
    return `    let s${axis} = ${at}; if (s${axis} < 0 || s${axis} >= u.${extent}) { continue; }`;
  }
  if (unit)
    return `    let s${axis} = ${axis} + ${middle} - ${k}; if (s${axis} < 0 || s${axis} >= u.${extent}) { continue; }`;
  return `    let q${axis} = ${axis} + (${middle} - ${k}) * u.dilation; let s${axis} = q${axis} / u.stride;
    if (q${axis} < 0 || s${axis} * u.stride != q${axis} || s${axis} >= u.${extent}) { continue; }`;
}

const valueAt = ({ fromImage }: ConvVariant, x: string): string =>
  fromImage
    ? `image[u32(source + ${x} * u.sPitch + c)]`
    : `arena[u32(source + ${x} * u.sPitch + c)]`;

const zero = ({ fromImage }: ConvVariant): string => (fromImage ? "0.0" : "vec4f()");

/** All source values that the tile's results share. */
function loadRow(variant: ConvVariant): string {
  const { tile, size } = variant;
  const middle = (size - 1) / 2;
  return lines(
    tile[0] + size - 1,
    (i) =>
      `      let i${i} = x0 + ${i - middle}; let v${i} = select(${zero(variant)}, ${valueAt(variant, `i${i}`)}, u32(i${i}) < u32(u.sW));`,
  );
}

/** The source values of one tap, one for each result of the tile. */
function loadTap(variant: ConvVariant, kw: number): string {
  const { tile, size, direction } = variant;
  const offset = (size - 1) / 2 - kw;
  return `${lines(tile[0], (p) => {
    const id = `${kw}_${p}`;
    const at =
      direction === "forward"
        ? `let i${id} = (x0 + ${p}) * u.stride - (${offset}) * u.dilation; let on${id} = u32(i${id}) < u32(u.sW);`
        : `let q${id} = x0 + ${p} + (${offset}) * u.dilation; let i${id} = q${id} / u.stride; let on${id} = q${id} >= 0 && i${id} * u.stride == q${id} && i${id} < u.sW;`;
    return `      ${at} let v${id} = select(${zero(variant)}, ${valueAt(variant, `i${id}`)}, on${id});`;
  })}\n`;
}

function multiply(variant: ConvVariant, kw: number): string {
  const { tile, size, unit, direction, fromImage } = variant;
  const value = (p: number) => {
    if (!unit) return `v${kw}_${p}`;
    return `v${direction === "forward" ? p + kw : p + size - 1 - kw}`;
  };
  return lines(tile[1], (c) => {
    const w = (i: number) => `w${kw}_${c}_${i}`;
    if (fromImage)
      return `      let ${w(0)} = weights[u32(u.wAt + ((tap + ${kw}) * u.s4 + c) * u.w4 + co + ${c})];
${lines(tile[0], (p) => `      a${p}_${c} = fma(vec4f(${value(p)}), ${w(0)}, a${p}_${c});`)}`;
    if (direction === "forward")
      return `${lines(4, (i) => `      let ${w(i)} = weights[u32(u.wAt + (((tap + ${kw}) * u.s4 + c) * 4 + ${i}) * u.w4 + co + ${c})];`)}
${lines(tile[0], (p) =>
  range(4)
    .map((i) => `      a${p}_${c} = fma(vec4f(${value(p)}.${"xyzw"[i]}), ${w(i)}, a${p}_${c});`)
    .join(" "),
)}`;
    return `${lines(4, (i) => `      let ${w(i)} = weights[u32(u.wAt + (((tap + ${kw}) * u.t4 + co + ${c}) * 4 + ${i}) * u.w4 + c)];`)}
${lines(
  tile[0],
  (p) =>
    `      a${p}_${c} += vec4f(${range(4)
      .map((i) => `dot(${value(p)}, ${w(i)})`)
      .join(", ")});`,
)}`;
  });
}
