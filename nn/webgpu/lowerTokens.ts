import {
  attentionKernel,
  attentionKeyKernel,
  attentionQueryKernel,
  sumPartsKernel,
} from "../kernels/attention/attention.wgsl.ts";
import {
  depthwiseKernel,
  depthwiseWeightGradientKernel,
} from "../kernels/depthwise/depthwise.wgsl.ts";
import { geluGradientKernel, geluKernel } from "../kernels/gelu/gelu.wgsl.ts";
import {
  layerNormInputKernel,
  layerNormKernel,
  layerNormWeightsKernel,
} from "../kernels/layerNorm/layerNorm.wgsl.ts";
import {
  addTableKernel,
  pickGradientKernel,
  pickKernel,
  pickTokenGradientKernel,
  tableGradientKernel,
} from "../kernels/pick/pick.wgsl.ts";
import type { ValueId } from "../plan/delivery.ts";
import { extents } from "../plan/graph.ts";
import type { AttentionInputs, TokenGradientNode, TokenNode } from "../plan/tokenNodes.ts";
import type { Lowering } from "./lowering.ts";

type Forward<K extends TokenNode["kind"]> = Extract<TokenNode, { kind: K }>;
type Backward<K extends TokenGradientNode["kind"]> = Extract<TokenGradientNode, { kind: K }>;

/** Most parts of a sum over places. */
const mostChunks = 64;

/** Turns one op of tokens into dispatches. */
export function lowerToken(to: Lowering, node: TokenNode): void {
  if (node.kind === "part") return;
  const { threads, uniforms } = pointwise(to, node.x, node.y);
  switch (node.kind) {
    case "depthwise": {
      const { at, second } = to.weights.range(node.kernel);
      const kernel = depthwiseKernel({ rank: to.rank(node.x), isMirrored: false, ...plain });
      const all = { ...uniforms, ...to.axes("x", node.x), size: node.size, wAt: at, bAt: second };
      to.emit(kernel, threads, all);
      break;
    }
    case "gelu":
      to.emit(geluKernel, threads, uniforms);
      break;
    case "layerNorm":
      to.layout.requirePlain(node.x);
      to.emit(layerNormKernel, uniforms.places, {
        ...uniforms,
        channels: to.shape(node.x).at(-1) ?? 1,
        sAt: { block: node.statistics, vec4: 0 },
        wAt: to.weights.range(node.scale).at,
        f_epsilon: { float: node.epsilon },
      });
      break;
    case "attention": {
      const { vec4s, uniforms: all } = attentionUniforms(to, node);
      const places = to.places(node.x);
      to.emit(attentionKernel(vec4s), places * node.heads, {
        ...all,
        ...to.where("t", node.y),
        places,
      });
      break;
    }
    case "position":
    case "addTable": {
      const isLearned = node.kind === "position";
      const where = isLearned
        ? { wAt: to.weights.range(node.table).at }
        : { lAt: to.behindImage.table(to.padded(node.x, node.values)) };
      const each = placesOf(to, node.x);
      to.emit(addTableKernel(isLearned), threads, { ...uniforms, each, ...where });
      break;
    }
    case "pick":
      lowerPick(to, node);
      break;
  }
}

/** Turns one gradient of an op of tokens into dispatches. */
export function lowerTokenGradient(to: Lowering, node: TokenGradientNode): void {
  switch (node.kind) {
    case "depthwiseInputGradient": {
      const { epilogue, uniforms } = to.delivery(node);
      const kernel = depthwiseKernel({ rank: to.rank(node.dy), isMirrored: true, ...epilogue });
      const source = pointwise(to, node.dy, node.dx);
      to.emit(kernel, source.threads, {
        ...{ ...source.uniforms, ...uniforms, ...to.axes("x", node.dy), size: node.size },
        ...{ wAt: to.weights.range(node.kernel).at, bAt: 0 },
      });
      break;
    }
    case "depthwiseWeightGradient":
      lowerDepthwiseWeightGradient(to, node);
      break;
    case "geluGradient": {
      const { epilogue, uniforms } = to.delivery(node);
      const source = pointwise(to, node.x, node.dx);
      const all = { ...source.uniforms, ...uniforms, ...to.where("y", node.dy) };
      to.emit(geluGradientKernel(epilogue), source.threads, all);
      break;
    }
    case "layerNormGradient":
      lowerLayerNormGradient(to, node);
      break;
    case "attentionQueryGradient": {
      const { epilogue, uniforms: target } = to.delivery(node);
      const { vec4s, uniforms } = attentionUniforms(to, node);
      const places = to.places(node.x);
      const all = { ...uniforms, ...target, ...to.where("y", node.dy), places };
      const threads = places * node.heads;
      to.emit(attentionQueryKernel(vec4s, epilogue), threads, {
        ...all,
        ...to.where("o", node.result),
      });
      break;
    }
    case "attentionKeyGradient":
    case "attentionValueGradient":
      lowerAttentionKey(to, node);
      break;
    case "tableGradient": {
      const { places, c4 } = pointwise(to, node.dy, node.dy).uniforms;
      const each = placesOf(to, node.dy);
      const pAt = to.partials.place(to.weights.range(node.table), 1).at;
      to.emit(tableGradientKernel, each * c4, { places, c4, each, ...to.where("y", node.dy), pAt });
      break;
    }
    case "pickGradient": {
      const { epilogue, uniforms } = to.delivery(node);
      const source = pointwise(to, node.dx, node.dx);
      to.emit(pickGradientKernel(epilogue), source.threads, {
        ...{ ...source.uniforms, ...uniforms, ...to.where("y", node.dy) },
        ...listUniforms(to, node.index, node.dx, node.dy),
      });
      break;
    }
    case "pickTokenGradient": {
      const { places, c4 } = pointwise(to, node.dy, node.dy).uniforms;
      const { parts, size } = to.split(places, c4, mostChunks);
      const range = to.weights.range(node.token);
      const { at, pitch } = to.partials.place(range, parts);
      const { lAt } = listUniforms(to, node.index, null, node.dy);
      const where = { ...to.where("y", node.dy), lAt, pAt: at, pPitch: pitch };
      to.emit(pickTokenGradientKernel, parts * c4, {
        ...{ places, c4, chunks: parts, chunk: size },
        ...where,
      });
      break;
    }
  }
}

const plain = { accumulate: false, mask: false, activation: false };

/** A thread for each vec4 of a value, which goes to another. */
function pointwise(to: Lowering, x: ValueId, target: ValueId) {
  const c4 = to.layout.of(x).vec4s;
  const places = to.places(x);
  const uniforms = { ...to.where("x", x), ...to.where("t", target), places, c4 };
  return { threads: places * c4, uniforms };
}

/** Places of one sample. */
const placesOf = (to: Lowering, id: ValueId): number => to.places(id) / (to.shape(id)[0] ?? 1);

function lowerPick(to: Lowering, node: Forward<"pick">): void {
  const { threads, uniforms } = pointwise(to, node.y, node.y);
  to.emit(pickKernel(node.token !== null), threads, {
    ...{ ...uniforms, ...to.where("x", node.x) },
    ...listUniforms(to, node.index, node.x, node.y),
    ...(node.token === null ? {} : { wAt: to.weights.range(node.token).at }),
  });
}

function listUniforms(to: Lowering, name: string, from: ValueId | null, picked: ValueId) {
  const count = to.places(picked);
  const places = from === null ? null : placesOf(to, from);
  return {
    lAt: to.behindImage.list(name, count, places),
    sources: places ?? 0,
    picked: placesOf(to, picked),
  };
}

function lowerDepthwiseWeightGradient(
  to: Lowering,
  node: Backward<"depthwiseWeightGradient">,
): void {
  const { batch, depth, height } = extents(to.shape(node.dy));
  const rows = batch * depth * height;
  const rank = to.rank(node.dy);
  const taps = node.size ** (rank - 2);
  const c4 = to.layout.of(node.dy).vec4s;
  const { parts, size } = to.split(rows, taps * c4, rows);
  const place = to.partials.place(to.weights.range(node.kernel), parts);
  to.emit(depthwiseWeightGradientKernel(rank), parts * taps * c4, {
    ...{ rows, chunks: parts, chunk: size, taps, c4, size: node.size },
    ...to.axes("x", node.x),
    ...{ ...to.where("x", node.x), ...to.where("y", node.dy), pAt: place.at, pPitch: place.pitch },
  });
}

function lowerLayerNormGradient(to: Lowering, node: Backward<"layerNormGradient">): void {
  const { uniforms: source } = pointwise(to, node.x, node.dx);
  const { places, c4 } = source;
  const range = to.weights.range(node.scale);
  const { parts, size } = to.split(places, c4, Math.min(mostChunks, Math.ceil(places / 8)));
  const { at, pitch } = to.partials.place(range, parts);
  const sAt = { block: node.statistics, vec4: 0 };
  const shared = { ...source, ...to.where("y", node.dy), sAt };
  const chunks = { chunks: parts, chunk: size, pAt: at, pPitch: pitch };
  to.emit(layerNormWeightsKernel, parts * c4, { ...shared, ...chunks });
  const { epilogue, uniforms } = to.delivery(node);
  const channels = to.shape(node.x).at(-1) ?? 1;
  const all = { ...shared, ...uniforms, channels, wAt: range.at };
  to.emit(layerNormInputKernel(epilogue), places, all);
}

type AttentionNode = Omit<AttentionInputs, "result" | "dy">;

function attentionUniforms(to: Lowering, { x, key, value, statistics, heads }: AttentionNode) {
  const vec4s = to.layout.of(x).vec4s / heads;
  const size = (to.shape(x).at(-1) ?? 1) / heads;
  const uniforms = {
    ...{ ...to.where("q", x), ...to.where("k", key), ...to.where("v", value) },
    ...{ queries: placesOf(to, x), keys: placesOf(to, key), heads },
    sAt: { block: statistics, vec4: 0 },
    f_factor: { float: 1 / Math.sqrt(size) },
  };
  return { vec4s, uniforms };
}

function lowerAttentionKey(
  to: Lowering,
  node: Backward<"attentionKeyGradient"> | Backward<"attentionValueGradient">,
): void {
  const { vec4s, uniforms } = attentionUniforms(to, node);
  const places = to.places(node.key);
  const c4 = vec4s * node.heads;
  const { queries } = uniforms;
  const most = Math.min(mostChunks, Math.ceil(queries / 16));
  const { parts, size } = to.split(queries, places * node.heads, most);
  const pAt = to.temporary(parts * places * c4);
  const kernel = attentionKeyKernel(vec4s, node.kind === "attentionValueGradient");
  const shared = { places, chunks: parts, pAt };
  to.emit(kernel, parts * places * node.heads, {
    ...{ ...uniforms, ...to.where("y", node.dy), ...shared, chunk: size },
  });
  const { epilogue, uniforms: target } = to.delivery(node);
  to.emit(sumPartsKernel(epilogue), places * c4, { ...shared, ...target, c4 });
}
