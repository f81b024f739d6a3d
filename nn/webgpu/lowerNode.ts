import type { LossSpec } from "../engine.ts";
import { imageKernel } from "../kernels/activation/pass.wgsl.ts";
import { fullLoss } from "../kernels/loss/loss.reference.ts";
import {
  lossChunksKernel,
  lossFoldKernel,
  lossGradientKernel,
  lossSums,
  lossTotalKernel,
} from "../kernels/loss/loss.wgsl.ts";
import { maxPoolGradientKernel, maxPoolKernel } from "../kernels/maxPool/maxPool.wgsl.ts";
import { upsampleGradientKernel, upsampleKernel } from "../kernels/upsample/upsample.wgsl.ts";
import { extents, type PlanNode, type ValueId } from "../plan/graph.ts";
import { isTokenGradient, isTokenNode } from "../plan/tokenNodes.ts";
import type { BlockPlace } from "./kernel.ts";
import { lowerCombining, lowerPass } from "./lowerCombine.ts";
import {
  lowerConv,
  lowerConvInputGradient,
  lowerConvTransposed,
  lowerConvTransposedInputGradient,
  lowerConvTransposedWeightGradient,
  lowerConvWeightGradient,
} from "./lowerConv.ts";
import { type Lowering, mostChunks } from "./lowering.ts";
import { lowerNorm, lowerNormGradient, lowerNormStored } from "./lowerNorm.ts";
import { lowerResample, lowerResampleGradient } from "./lowerResample.ts";
import { lowerToken, lowerTokenGradient } from "./lowerTokens.ts";

type Node<K extends PlanNode["kind"]> = Extract<PlanNode, { kind: K }>;

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
    case "normStored":
      lowerNormStored(to, node);
      break;
    case "add":
    case "multiply":
    case "multiplyGradient":
    case "gateGradient":
    case "sigmoid":
    case "sigmoidGradient":
    case "prelu":
    case "preluGradient":
      lowerCombining(to, node);
      break;
    case "activate":
      lowerPass(to, node.x, to.result(node.y, node.activation), node.y);
      break;
    case "copy":
      lowerPass(to, node.x, to.result(node.y, null), node.y);
      break;
    case "pass":
      lowerPass(to, node.dy, to.delivery(node), node.dx);
      break;
    case "maxPool":
    case "upsample":
      lowerResized(to, node);
      break;
    case "resample":
      lowerResample(to, node);
      break;
    case "resampleGradient":
      lowerResampleGradient(to, node);
      break;
    case "maxPoolGradient":
      lowerMaxPoolGradient(to, node);
      break;
    case "upsampleGradient":
      lowerUpsampleGradient(to, node);
      break;
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

function lowerResized(to: Lowering, node: Node<"maxPool" | "upsample">): void {
  const kernel = node.kind === "maxPool" ? maxPoolKernel : upsampleKernel;
  to.emit(kernel(to.rank(node.x)), to.places(node.y) * to.layout.of(node.y).vec4s, {
    ...windows(to, node.x, node.y),
    ...to.where("x", node.x),
    ...to.where("t", node.y),
  });
}

function lowerUpsampleGradient(to: Lowering, node: Node<"upsampleGradient">): void {
  const { epilogue, uniforms } = to.delivery(node);
  const threads = to.places(node.dx) * to.layout.of(node.dx).vec4s;
  to.emit(upsampleGradientKernel(to.rank(node.dx), epilogue), threads, {
    ...uniforms,
    ...windows(to, node.dx, node.dy),
    ...to.where("y", node.dy),
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

/** Whether a model has no loss of labels: one that only steps towards losses from outside. */
export const isNoLoss = ({ crossEntropy, dice, focal = 0 }: LossSpec): boolean =>
  crossEntropy === 0 && dice === 0 && focal === 0;

/** @returns where the loss is written: its first float */
export function lowerLoss(to: Lowering, node: Node<"loss">, spec: LossSpec): BlockPlace {
  const [samples = 1, ...rest] = to.shape(node.x);
  const classes = rest.at(-1) ?? 1;
  const loss = fullLoss(spec, classes);
  if (isNoLoss(spec)) return to.temporary(1);
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
