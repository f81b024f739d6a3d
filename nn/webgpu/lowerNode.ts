import type { LossSpec } from "../engine.ts";
import { imageKernel, passKernel } from "../kernels/activation/pass.wgsl.ts";
import { fullLoss } from "../kernels/loss/loss.reference.ts";
import {
  lossChunksKernel,
  lossFoldKernel,
  lossGradientKernel,
  lossSums,
  lossTotalKernel,
} from "../kernels/loss/loss.wgsl.ts";
import { maxPoolGradientKernel, maxPoolKernel } from "../kernels/maxPool/maxPool.wgsl.ts";
import {
  normApplyKernel,
  normChunksKernel,
  normGradientApplyKernel,
  normGradientChunksKernel,
  normGradientMeansKernel,
  normStatisticsKernel,
} from "../kernels/norm/norm.wgsl.ts";
import { upsampleGradientKernel, upsampleKernel } from "../kernels/upsample/upsample.wgsl.ts";
import { extents, type PlanNode, type ValueId } from "../plan/graph.ts";
import { isTokenGradient, isTokenNode } from "../plan/tokenNodes.ts";
import type { BlockPlace } from "./kernel.ts";
import {
  lowerConv,
  lowerConvInputGradient,
  lowerConvTransposed,
  lowerConvTransposedInputGradient,
  lowerConvTransposedWeightGradient,
  lowerConvWeightGradient,
} from "./lowerConv.ts";
import type { Lowering } from "./lowering.ts";
import { lowerToken, lowerTokenGradient } from "./lowerTokens.ts";

type Node<K extends PlanNode["kind"]> = Extract<PlanNode, { kind: K }>;

/** Most chunks of a sum whose end is taken by few threads. */
const mostChunks = 64;

/**
 * Turns one op into dispatches.
 *
 * @param fromImage - the op reads the image as scalars
 */
export function lowerNode(
  to: Lowering,
  node: Exclude<PlanNode, { kind: "loss" }>,
  fromImage: boolean,
): void {
  if (isTokenNode(node)) {
    lowerToken(to, node);
    return;
  }
  if (isTokenGradient(node)) {
    lowerTokenGradient(to, node);
    return;
  }
  switch (node.kind) {
    case "conv":
      lowerConv(to, node, fromImage);
      break;
    case "convInputGradient":
      lowerConvInputGradient(to, node);
      break;
    case "convWeightGradient":
      lowerConvWeightGradient(to, node, fromImage);
      break;
    case "convTransposed":
      lowerConvTransposed(to, node);
      break;
    case "convTransposedInputGradient":
      lowerConvTransposedInputGradient(to, node);
      break;
    case "convTransposedWeightGradient":
      lowerConvTransposedWeightGradient(to, node);
      break;
    case "norm":
      lowerNorm(to, node);
      break;
    case "normGradient":
      lowerNormGradient(to, node);
      break;
    case "activate":
      lowerPass(to, node.x, to.result(node.y, node.activation));
      break;
    case "copy":
      lowerPass(to, node.x, to.result(node.y, null));
      break;
    case "pass":
      lowerPass(to, node.dy, to.delivery(node));
      break;
    case "maxPool":
    case "upsample": {
      const kernel = node.kind === "maxPool" ? maxPoolKernel : upsampleKernel;
      to.emit(kernel(to.rank(node.x)), to.places(node.y) * to.layout.of(node.y).vec4s, {
        ...windows(to, node.x, node.y),
        ...to.where("x", node.x),
        ...to.where("t", node.y),
      });
      break;
    }
    case "maxPoolGradient":
      lowerMaxPoolGradient(to, node);
      break;
    case "upsampleGradient": {
      const { epilogue, uniforms } = to.delivery(node);
      const threads = to.places(node.dx) * to.layout.of(node.dx).vec4s;
      to.emit(upsampleGradientKernel(to.rank(node.dx), epilogue), threads, {
        ...uniforms,
        ...windows(to, node.dx, node.dy),
        ...to.where("y", node.dy),
      });
      break;
    }
    case "concat":
      break;
  }
}

/** Copies the image to where ops read vec4s. */
export function lowerImage(to: Lowering): void {
  const { vec4s } = to.layout.of(to.input);
  to.emit(imageKernel, to.places(to.input) * vec4s, {
    places: to.places(to.input),
    c4: vec4s,
    channels: to.shape(to.input).at(-1) ?? 1,
    tAt: { block: to.input, vec4: 0 },
  });
}

const windows = (to: Lowering, x: ValueId, y: ValueId) => ({
  ...to.axes("x", x),
  ...to.axes("y", y),
  batch: to.shape(x)[0] ?? 1,
  c4: to.layout.of(x).vec4s,
});

function lowerPass(to: Lowering, x: ValueId, target: ReturnType<Lowering["result"]>): void {
  const c4 = to.layout.of(x).vec4s;
  to.emit(passKernel(target.epilogue), to.places(x) * c4, {
    ...target.uniforms,
    ...to.where("x", x),
    places: to.places(x),
    c4,
  });
}

function lowerMaxPoolGradient(to: Lowering, node: Node<"maxPoolGradient">): void {
  const { epilogue, uniforms } = to.delivery(node);
  const { batch, depth, height, width } = extents(to.shape(node.x));
  const rank = to.rank(node.x);
  const half = (n: number) => Math.ceil(n / 2);
  const places = batch * (rank === 5 ? half(depth) : 1) * half(height) * half(width);
  to.emit(maxPoolGradientKernel(rank, epilogue), places * to.layout.of(node.x).vec4s, {
    ...uniforms,
    ...windows(to, node.x, node.dy),
    ...to.where("x", node.x),
    ...to.where("y", node.dy),
  });
}

/** Samples, places of a sample and their chunks, for the sums of a norm. */
function chunksOf(to: Lowering, x: ValueId) {
  const batch = to.shape(x)[0] ?? 1;
  const places = to.places(x) / batch;
  const c4 = to.layout.of(x).vec4s;
  const { parts, size } = to.split(places, batch * c4, Math.min(mostChunks, Math.ceil(places / 8)));
  return { batch, places, c4, chunks: parts, chunk: size };
}

function lowerNorm(to: Lowering, node: Node<"norm">): void {
  const sizes = chunksOf(to, node.x);
  const { batch, places, c4, chunks } = sizes;
  const pAt = to.temporary(2 * batch * chunks * c4);
  const sAt = { block: node.statistics, vec4: 0 };
  to.emit(normChunksKernel, batch * chunks * c4, { ...sizes, ...to.where("x", node.x), pAt });
  to.emit(normStatisticsKernel, batch * c4, { ...sizes, pAt, sAt });
  const { epilogue, uniforms } = to.result(node.y, node.activation);
  to.emit(normApplyKernel(epilogue), batch * places * c4, {
    ...uniforms,
    ...to.where("x", node.x),
    ...{ batch, places, c4, sAt },
    wAt: to.weights.range(node.scale).at,
  });
}

function lowerNormGradient(to: Lowering, node: Node<"normGradient">): void {
  const sizes = chunksOf(to, node.x);
  const { batch, places, c4, chunks } = sizes;
  const range = to.weights.range(node.scale);
  const parts = to.partials.place(range, batch * chunks);
  const sums = { pAt: parts.at, pPitch: parts.pitch };
  const sAt = { block: node.statistics, vec4: 0 };
  const gAt = to.temporary(2 * batch * c4);
  const sources = { ...to.where("x", node.x), ...to.where("y", node.dy), sAt };
  to.emit(normGradientChunksKernel, batch * chunks * c4, { ...sizes, ...sources, ...sums });
  to.emit(normGradientMeansKernel, batch * c4, { ...sizes, ...sums, gAt });
  const { epilogue, uniforms } = to.delivery(node);
  to.emit(normGradientApplyKernel(epilogue), batch * places * c4, {
    ...uniforms,
    ...sources,
    ...{ batch, places, c4, gAt },
    wAt: range.at,
  });
}

/** @returns where the loss is written: its first float */
export function lowerLoss(to: Lowering, node: Node<"loss">, spec: LossSpec): BlockPlace {
  const [samples = 1, ...rest] = to.shape(node.x);
  const classes = rest.at(-1) ?? 1;
  const loss = fullLoss(spec, classes);
  const groups = loss.dicePerSample ? samples : 1;
  const places = to.places(node.x) / groups;
  const sums = lossSums(classes);
  const { parts, size } = to.split(places, groups, Math.ceil(places / 16));
  let chunks = parts;
  let pAt = to.temporary(groups * chunks * sums);
  to.emit(lossChunksKernel(classes, loss), groups * chunks, {
    ...to.where("x", node.x),
    ...{ places, groups, chunks, chunk: size, pAt },
  });
  while (chunks > mostChunks) {
    const folded = Math.ceil(chunks / mostChunks);
    const tAt = to.temporary(groups * folded * sums);
    const threads = groups * folded * sums;
    to.emit(lossFoldKernel(classes), threads, {
      groups,
      chunks,
      folded,
      fold: mostChunks,
      pAt,
      tAt,
    });
    chunks = folded;
    pAt = tAt;
  }
  const total = to.temporary(1 + groups * classes);
  to.emit(lossTotalKernel(classes, loss.firstClass), 1, {
    ...{ groups, chunks, pAt, tAt: total },
    f_crossEntropy: { float: loss.crossEntropy },
    f_dice: { float: loss.dice },
    f_focal: { float: loss.focal },
  });
  to.emit(lossGradientKernel(classes, loss), places * groups, {
    ...to.where("x", node.x),
    ...to.where("t", node.dx),
    ...{ places, groups, c4: to.layout.of(node.x).vec4s, sAt: total },
  });
  return total;
}
