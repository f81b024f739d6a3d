import {
  groupGradientApplyKernel,
  groupJoinKernel,
  groupMeansKernel,
  normStoredKernel,
  runningKernel,
} from "../kernels/norm/groupNorm.wgsl.ts";
import {
  normApplyKernel,
  normChunksKernel,
  normGradientApplyKernel,
  normGradientChunksKernel,
  normGradientMeansKernel,
  normMomentsKernel,
  normStatisticsKernel,
} from "../kernels/norm/norm.wgsl.ts";
import type { DifferentiatedGraph } from "../plan/differentiate.ts";
import type { NormScope, PlanNode, ValueId } from "../plan/graph.ts";
import type { BlockPlace } from "./kernel.ts";
import { type Lowering, mostChunks } from "./lowering.ts";

type Node<K extends PlanNode["kind"]> = Extract<PlanNode, { kind: K }>;

/**
 * Samples, places of a sample and their chunks, for the sums of a norm. A batch norm is an
 * instance norm of one sample that holds the places of all.
 */
function chunksOf(to: Lowering, x: ValueId, { over }: NormScope) {
  const batch = over === "batch" ? 1 : (to.shape(x)[0] ?? 1);
  const places = to.places(x) / batch;
  const c4 = to.layout.of(x).vec4s;
  const { parts, size } = to.split(places, batch * c4, Math.min(mostChunks, Math.ceil(places / 8)));
  return { batch, places, c4, chunks: parts, chunk: size };
}

/** Uniforms that say which channels are a group; null where a channel is alone. */
function groupsOf(to: Lowering, x: ValueId, { over }: NormScope) {
  if (typeof over !== "object") return null;
  const inGroup = (to.shape(x).at(-1) ?? 1) / over.groups;
  if (inGroup === 1) return null;
  return { inGroup, lanesAt: to.lanes(x, (channel) => Math.floor(channel / inGroup)) };
}

export function lowerNorm(to: Lowering, node: Node<"norm">): void {
  const sizes = chunksOf(to, node.x, node);
  const groups = groupsOf(to, node.x, node);
  const { batch, places, c4, chunks } = sizes;
  const pAt = to.temporary(2 * batch * chunks * c4);
  const sAt = { block: node.statistics, vec4: 0 };
  const epsilon = { f_epsilon: { float: node.epsilon } };
  to.emit(normChunksKernel, batch * chunks * c4, { ...sizes, ...to.where("x", node.x), pAt });
  if (groups) {
    const mAt = to.temporary(2 * batch * c4);
    to.emit(normMomentsKernel, batch * c4, { ...sizes, ...epsilon, pAt, sAt: mAt });
    const all = { batch, places, c4, ...groups, ...epsilon, mAt, sAt };
    to.emit(groupJoinKernel, batch * c4, all);
  } else to.emit(normStatisticsKernel, batch * c4, { ...sizes, ...epsilon, pAt, sAt });
  const { epilogue, uniforms } = to.result(node.y, node.activation);
  to.emit(normApplyKernel(epilogue), batch * places * c4, {
    ...uniforms,
    ...to.where("x", node.x),
    ...{ batch, places, c4, sAt },
    wAt: to.weights.range(node.scale).at,
  });
}

export function lowerNormGradient(to: Lowering, node: Node<"normGradient">): void {
  const sizes = chunksOf(to, node.x, node);
  const groups = groupsOf(to, node.x, node);
  const { batch, places, c4, chunks } = sizes;
  const range = to.weights.range(node.scale);
  const parts = node.affine
    ? to.partials.place(range, batch * chunks)
    : to.partials.placeLoose(2 * c4, batch * chunks);
  const sums = { pAt: parts.at, pPitch: parts.pitch };
  const sAt = { block: node.statistics, vec4: 0 };
  const gAt = to.temporary(2 * batch * c4);
  const sources = { ...to.where("x", node.x), ...to.where("y", node.dy), sAt };
  to.emit(normGradientChunksKernel, batch * chunks * c4, { ...sizes, ...sources, ...sums });
  to.emit(normGradientMeansKernel, batch * c4, { ...sizes, ...sums, gAt });
  const { epilogue, uniforms } = to.delivery(node);
  const apply = { ...uniforms, ...sources, ...{ batch, places, c4 }, wAt: range.at };
  const threads = batch * places * c4;
  if (!groups) {
    to.emit(normGradientApplyKernel(epilogue), threads, { ...apply, gAt });
    return;
  }
  const jAt = to.temporary(2 * batch * c4);
  to.emit(groupMeansKernel, batch * c4, { batch, c4, ...groups, gAt, jAt, wAt: range.at });
  to.emit(groupGradientApplyKernel(epilogue), threads, { ...apply, jAt });
}

export function lowerNormStored(to: Lowering, node: Node<"normStored">): void {
  const { epilogue, uniforms } = to.result(node.y, node.activation);
  const extent = to.extent(node.x);
  to.emit(normStoredKernel(epilogue), to.places(node.x) * to.layout.of(node.x).vec4s, {
    ...uniforms,
    ...extent,
    ...to.where("x", node.x),
    wAt: to.weights.range(node.scale).at,
    rAt: to.weights.range(node.running.mean).at,
    f_epsilon: { float: node.epsilon },
  });
}

/** Moves the running statistics by the batch's; comes when the loss is known. */
export function lowerRunning(
  to: Lowering,
  { nodes }: DifferentiatedGraph,
  lossAt: BlockPlace,
): void {
  for (const node of nodes) {
    if (node.kind !== "norm" || !node.running) continue;
    const count = to.places(node.x);
    const c4 = to.layout.of(node.x).vec4s;
    to.emit(runningKernel, c4, {
      ...{ c4, lossAt, sAt: { block: node.statistics, vec4: 0 } },
      rAt: to.weights.range(node.running.mean).at,
      f_epsilon: { float: node.epsilon },
      f_unbiased: { float: count / (count - 1) },
    });
  }
}
