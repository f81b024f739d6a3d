import { convKernel, unitSizeOf } from "../kernels/conv/conv.wgsl.ts";
import {
  biasGradientKernel,
  convWeightGradientKernel,
  tapsPerThread,
} from "../kernels/conv/convWeightGradient.wgsl.ts";
import {
  convTransposedInputGradientKernel,
  convTransposedKernel,
  convTransposedWeightGradientKernel,
} from "../kernels/convTransposed/convTransposed.wgsl.ts";
import { extents, type PlanNode, type ValueId } from "../plan/graph.ts";
import type { Lowering } from "./lowering.ts";

type Node<K extends PlanNode["kind"]> = Extract<PlanNode, { kind: K }>;

/** Rows along the width of a value. */
function rowsOf(to: Lowering, id: ValueId): number {
  const { batch, depth, height } = extents(to.shape(id));
  return batch * depth * height;
}

/** The largest tile that still gives every thread of the device work. */
function tileFor(to: Lowering, rows: number, width: number, vec4s: number) {
  const widths = [8, 4, 2, 1].filter((w) => w < 2 * width);
  const tiles = widths.flatMap((w) => (vec4s % 2 === 0 ? [2, 1] : [1]).map((c) => [w, c] as const));
  const threads = ([w, c]: readonly [number, number]) => (rows * Math.ceil(width / w) * vec4s) / c;
  return tiles.find((tile) => threads(tile) >= to.tuning.tileThreads) ?? tiles.at(-1) ?? [1, 1];
}

export function lowerConv(to: Lowering, node: Node<"conv">, fromImage: boolean): void {
  const { epilogue, uniforms } = to.result(node.y, node.activation);
  const range = to.weights.range(node.kernel);
  const { width } = extents(to.shape(node.y));
  const rows = rowsOf(to, node.y);
  const out = to.layout.of(node.y).vec4s;
  const tile = tileFor(to, rows, width, out);
  const channels = to.shape(node.x).at(-1) ?? 1;
  const kernel = convKernel({
    ...epilogue,
    direction: "forward",
    rank: to.rank(node.x),
    unitSize: unitSizeOf(node),
    tile,
    fromImage,
    bias: node.bias !== null,
  });
  to.emit(kernel, (rows * Math.ceil(width / tile[0]) * out) / tile[1], {
    ...uniforms,
    ...to.axes("s", node.x),
    ...to.axes("t", node.y),
    ...(fromImage ? { sAt: 0, sPitch: channels } : to.where("s", node.x)),
    rows,
    s4: fromImage ? channels : to.layout.of(node.x).vec4s,
    t4: out,
    wAt: range.at,
    bAt: range.second,
    w4: out,
    size: node.size,
    stride: node.stride,
    dilation: node.dilation,
  });
}

export function lowerConvInputGradient(to: Lowering, node: Node<"convInputGradient">): void {
  const { epilogue, uniforms } = to.delivery(node);
  const range = to.weights.range(node.kernel);
  const { width } = extents(to.shape(node.dx));
  const rows = rowsOf(to, node.dx);
  const vec4s = to.layout.of(node.dx).vec4s;
  const out = to.layout.of(node.dy).vec4s;
  const tile = tileFor(to, rows, width, vec4s);
  const kernel = convKernel({
    ...epilogue,
    direction: "input",
    rank: to.rank(node.dx),
    unitSize: unitSizeOf(node),
    tile,
    fromImage: false,
    bias: false,
  });
  to.emit(kernel, (rows * Math.ceil(width / tile[0]) * vec4s) / tile[1], {
    ...uniforms,
    ...to.axes("s", node.dy),
    ...to.axes("t", node.dx),
    ...to.where("s", node.dy),
    rows,
    s4: out,
    t4: vec4s,
    wAt: range.at,
    bAt: 0,
    w4: out,
    size: node.size,
    stride: node.stride,
    dilation: node.dilation,
  });
}

export function lowerConvWeightGradient(
  to: Lowering,
  node: Node<"convWeightGradient">,
  fromImage: boolean,
): void {
  const rank = to.rank(node.x);
  const range = to.weights.range(node.kernel);
  const channels = to.shape(node.x).at(-1) ?? 1;
  const i4 = fromImage ? channels : to.layout.of(node.x).vec4s;
  const o4 = to.layout.of(node.dy).vec4s;
  const rows = rowsOf(to, node.dy);
  const taps = node.size ** (rank - 2);
  const unitSize = unitSizeOf(node);
  const perPart = (taps / tapsPerThread(unitSize)) * i4 * o4;
  const { parts, size } = to.split(rows, perPart, rows);
  const place = to.partials.place(range, parts);
  const kernel = convWeightGradientKernel({
    rank,
    unitSize,
    fromImage,
    bias: node.bias !== null,
  });
  to.emit(kernel, perPart * parts, {
    ...to.axes("x", node.x),
    ...to.axes("y", node.dy),
    ...(fromImage ? { xAt: 0, xPitch: channels } : to.where("x", node.x)),
    ...to.where("y", node.dy),
    rows,
    rowsPerSplit: size,
    splits: parts,
    i4,
    o4,
    pAt: place.at,
    pPitch: place.pitch,
    taps,
    size: node.size,
    stride: node.stride,
    dilation: node.dilation,
  });
}

const transposedTile = 4;

export function lowerConvTransposed(to: Lowering, node: Node<"convTransposed">): void {
  const { epilogue, uniforms } = to.result(node.y, node.activation);
  const rank = to.rank(node.x);
  const range = to.weights.range(node.kernel);
  if (node.stride !== node.size) {
    lowerSpread(to, node, { from: node.x, target: node.y, out: node.y, epilogue, uniforms });
    return;
  }
  const rows = rowsOf(to, node.x);
  const { width } = extents(to.shape(node.x));
  const o4 = to.layout.of(node.y).vec4s;
  const taps = node.size ** (rank - 2);
  to.emit(
    convTransposedKernel({ ...epilogue, rank, size: node.size, bias: node.bias !== null }),
    rows * Math.ceil(width / transposedTile) * taps * o4,
    {
      ...uniforms,
      ...to.axes("x", node.x),
      ...to.where("x", node.x),
      rows,
      i4: to.layout.of(node.x).vec4s,
      o4,
      wAt: range.at,
      bAt: range.second,
    },
  );
}

export function lowerConvTransposedInputGradient(
  to: Lowering,
  node: Node<"convTransposedInputGradient">,
): void {
  const { epilogue, uniforms } = to.delivery(node);
  if (node.stride !== node.size) {
    lowerSpread(to, node, { from: node.dy, target: node.dx, out: node.dy, epilogue, uniforms });
    return;
  }
  const rows = rowsOf(to, node.dx);
  const { width } = extents(to.shape(node.dx));
  const i4 = to.layout.of(node.dx).vec4s;
  to.emit(
    convTransposedInputGradientKernel({
      ...epilogue,
      rank: to.rank(node.dx),
      size: node.size,
      bias: false,
    }),
    rows * Math.ceil(width / transposedTile) * i4,
    {
      ...uniforms,
      ...to.axes("x", node.dx),
      ...to.where("y", node.dy),
      rows,
      i4,
      o4: to.layout.of(node.dy).vec4s,
      wAt: to.weights.range(node.kernel).at,
    },
  );
}

export function lowerConvTransposedWeightGradient(
  to: Lowering,
  node: Node<"convTransposedWeightGradient">,
): void {
  if (node.stride !== node.size) {
    lowerSpreadWeightGradient(to, node);
    return;
  }
  const rank = to.rank(node.x);
  const rows = rowsOf(to, node.x);
  const i4 = to.layout.of(node.x).vec4s;
  const o4 = to.layout.of(node.dy).vec4s;
  const perPart = node.size ** (rank - 2) * i4 * o4;
  const { parts, size } = to.split(rows, perPart, rows);
  const place = to.partials.place(to.weights.range(node.kernel), parts);
  to.emit(
    convTransposedWeightGradientKernel({ rank, size: node.size, bias: node.bias !== null }),
    perPart * parts,
    {
      ...to.axes("x", node.x),
      ...to.where("x", node.x),
      ...to.where("y", node.dy),
      rows,
      rowsPerSplit: size,
      splits: parts,
      i4,
      o4,
      pAt: place.at,
      pPitch: place.pitch,
    },
  );
}

/** A transposed convolution whose stride is not its size, or its input gradient. */
function lowerSpread(
  to: Lowering,
  node: Node<"convTransposed"> | Node<"convTransposedInputGradient">,
  { from, target, out, epilogue, uniforms }: SpreadSides,
): void {
  const range = to.weights.range(node.kernel);
  const rows = rowsOf(to, target);
  const { width } = extents(to.shape(target));
  const vec4s = to.layout.of(target).vec4s;
  const tile = tileFor(to, rows, width, vec4s);
  const isForward = node.kind === "convTransposed";
  const kernel = convKernel({
    ...epilogue,
    direction: isForward ? "forward" : "input",
    isTransposed: true,
    rank: to.rank(from),
    unitSize: unitSizeOf({ ...node, dilation: 1 }),
    tile,
    fromImage: false,
    bias: isForward && node.bias !== null,
  });
  to.emit(kernel, (rows * Math.ceil(width / tile[0]) * vec4s) / tile[1], {
    ...uniforms,
    ...to.axes("s", from),
    ...to.axes("t", target),
    ...to.where("s", from),
    rows,
    s4: to.layout.of(from).vec4s,
    t4: vec4s,
    wAt: range.at,
    bAt: range.second,
    w4: to.layout.of(out).vec4s,
    size: node.size,
    stride: node.stride,
    dilation: 1,
  });
}

interface SpreadSides extends ReturnType<Lowering["result"]> {
  readonly from: ValueId;
  readonly target: ValueId;
  /** The value on the side of the kernel's last axis. */
  readonly out: ValueId;
}

function lowerSpreadWeightGradient(to: Lowering, node: Node<"convTransposedWeightGradient">): void {
  const rank = to.rank(node.x);
  const rows = rowsOf(to, node.x);
  const i4 = to.layout.of(node.dy).vec4s;
  const o4 = to.layout.of(node.x).vec4s;
  const taps = node.size ** (rank - 2);
  const unitSize = unitSizeOf({ ...node, dilation: 1 });
  const perPart = (taps / tapsPerThread(unitSize)) * i4 * o4;
  const { parts, size } = to.split(rows, perPart, rows);
  const range = to.weights.range(node.kernel);
  const place = to.partials.place(range, parts);
  const variant = { rank, unitSize, fromImage: false, bias: false, isTransposed: true };
  to.emit(convWeightGradientKernel(variant), perPart * parts, {
    ...to.axes("x", node.dy),
    ...to.axes("y", node.x),
    ...to.where("x", node.dy),
    ...to.where("y", node.x),
    ...{ rows, rowsPerSplit: size, splits: parts, i4, o4, taps },
    ...{ pAt: place.at, pPitch: place.pitch },
    ...{ size: node.size, stride: node.stride, dilation: 1 },
  });
  if (node.bias === null) return;
  const places = to.places(node.dy);
  to.emit(biasGradientKernel, parts * i4, {
    ...{ places, chunk: Math.ceil(places / parts), chunks: parts, c4: i4 },
    ...to.where("y", node.dy),
    ...{ pAt: place.at + range.second - range.at, pPitch: place.pitch },
  });
}
