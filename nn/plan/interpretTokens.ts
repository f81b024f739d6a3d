import {
  type AttentionArrays,
  type AttentionShape,
  attentionGradientReference,
  attentionReference,
} from "../kernels/attention/attention.reference.ts";
import {
  depthwiseGradientReference,
  depthwiseReference,
} from "../kernels/depthwise/depthwise.reference.ts";
import { geluGradientReference, geluReference } from "../kernels/gelu/gelu.reference.ts";
import {
  layerNormGradientReference,
  layerNormReference,
} from "../kernels/layerNorm/layerNorm.reference.ts";
import {
  type PickShape,
  pickGradientReference,
  pickReference,
} from "../kernels/pick/pick.reference.ts";
import type { Delivery, ValueId } from "./delivery.ts";
import type { TokenGradientNode, TokenNode } from "./tokenNodes.ts";

/** What the plain loops read and write. */
export interface Memory {
  read(id: ValueId): Float64Array;
  write(id: ValueId, values: Float64Array): void;
  shape(id: ValueId): readonly number[];
  weight(name: string): Float64Array;
  /** A step's list of places. */
  index(name: string): Int32Array;
  gradient(name: string, values: Float64Array): void;
  deliver(node: Delivery, values: Float64Array): void;
}

/** Runs one node of the forward pass. */
export function runToken(node: TokenNode, memory: Memory): void {
  if (node.kind === "part") return;
  const x = memory.read(node.x);
  switch (node.kind) {
    case "depthwise": {
      const weights = { kernel: memory.weight(node.kernel), bias: memory.weight(node.bias) };
      memory.write(node.y, depthwiseReference(memory.shape(node.x), node.size, x, weights));
      return;
    }
    case "gelu":
      memory.write(node.y, geluReference(x));
      return;
    case "layerNorm": {
      const [scale, shift] = [memory.weight(node.scale), memory.weight(node.shift)];
      const { y, statistics } = layerNormReference(x, scale, shift, node.epsilon);
      memory.write(node.y, y);
      memory.write(node.statistics, statistics);
      return;
    }
    case "attention":
      memory.write(
        node.y,
        attentionReference(attentionShape(memory, node), arraysOf(memory, node)),
      );
      return;
    case "position":
    case "addTable": {
      const table = node.kind === "position" ? memory.weight(node.table) : node.values;
      memory.write(
        node.y,
        x.map((value, i) => value + (table[i % table.length] ?? 0)),
      );
      return;
    }
    case "pick": {
      const token = node.token === null ? null : memory.weight(node.token);
      const shape = pickShape(memory.shape(node.x), memory.shape(node.y));
      memory.write(node.y, pickReference(shape, x, memory.index(node.index), token));
      return;
    }
  }
}

/** Runs one node of the backward pass. */
export function runTokenGradient(node: TokenGradientNode, memory: Memory): void {
  const dy = memory.read(node.dy);
  switch (node.kind) {
    case "depthwiseInputGradient":
    case "depthwiseWeightGradient": {
      const isInput = node.kind === "depthwiseInputGradient";
      const kernel = memory.weight(node.kernel);
      const x = isInput ? new Float64Array(dy.length) : memory.read(node.x);
      const shape = memory.shape(node.dy);
      const result = depthwiseGradientReference(shape, node.size, { x, kernel, dy });
      if (isInput) memory.deliver(node, result.dx);
      else {
        memory.gradient(node.kernel, result.kernel);
        memory.gradient(node.bias, result.bias);
      }
      return;
    }
    case "geluGradient":
      memory.deliver(node, geluGradientReference(memory.read(node.x), dy));
      return;
    case "layerNormGradient": {
      const statistics = memory.read(node.statistics);
      const scale = memory.weight(node.scale);
      const result = layerNormGradientReference(memory.read(node.x), statistics, scale, dy);
      memory.gradient(node.scale, result.scale);
      memory.gradient(node.shift, result.shift);
      memory.deliver(node, result.dx);
      return;
    }
    case "attentionQueryGradient":
    case "attentionKeyGradient":
    case "attentionValueGradient": {
      const shape = attentionShape(memory, node);
      const result = attentionGradientReference(shape, arraysOf(memory, node), dy);
      memory.deliver(node, result[gradientOf[node.kind]]);
      return;
    }
    case "tableGradient": {
      const sums = new Float64Array(memory.weight(node.table).length);
      dy.forEach((value, i) => {
        sums[i % sums.length] = (sums[i % sums.length] ?? 0) + value;
      });
      memory.gradient(node.table, sums);
      return;
    }
    case "pickGradient": {
      const shape = pickShape(memory.shape(node.dx), memory.shape(node.dy));
      memory.deliver(node, pickGradientReference(shape, memory.index(node.index), dy).dx);
      return;
    }
    case "pickTokenGradient": {
      const shape = pickShape(memory.shape(node.dy), memory.shape(node.dy));
      const index = memory.index(node.index).map((place) => Math.min(place, 0));
      memory.gradient(node.token, pickGradientReference(shape, index, dy).token);
      return;
    }
  }
}

const gradientOf = {
  attentionQueryGradient: "query",
  attentionKeyGradient: "key",
  attentionValueGradient: "value",
} as const;

interface AttentionNode {
  readonly x: ValueId;
  readonly key: ValueId;
  readonly value: ValueId;
  readonly heads: number;
}

const arraysOf = (memory: Memory, { x, key, value }: AttentionNode): AttentionArrays => ({
  query: memory.read(x),
  key: memory.read(key),
  value: memory.read(value),
});

function attentionShape(memory: Memory, { x, key, heads }: AttentionNode): AttentionShape {
  const [queries, keys] = [memory.shape(x), memory.shape(key)];
  return {
    batch: queries[0] ?? 1,
    queries: placesOf(queries),
    keys: placesOf(keys),
    channels: queries.at(-1) ?? 1,
    heads,
  };
}

const pickShape = (from: readonly number[], to: readonly number[]): PickShape => ({
  batch: to[0] ?? 1,
  from: placesOf(from),
  to: placesOf(to),
  channels: to.at(-1) ?? 1,
});

/** Places of one sample. */
const placesOf = (shape: readonly number[]): number =>
  shape.slice(1, -1).reduce((product, n) => product * n, 1);
