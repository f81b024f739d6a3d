import {
  addReference,
  gateGradientReference,
  multiplyReference,
  preluGradientReference,
  preluReference,
  sigmoidGradientReference,
  sigmoidReference,
} from "../kernels/combine/combine.reference.ts";
import { resampleReference, tapsOf, turned } from "../kernels/resample/resample.reference.ts";
import { type BackwardNode, elements, type ForwardNode } from "./graph.ts";
import type { Memory } from "./interpretTokens.ts";

type Combining = Extract<
  ForwardNode,
  { kind: "add" | "multiply" | "sigmoid" | "prelu" | "resample" }
>;

type CombiningGradient = Extract<
  BackwardNode,
  {
    kind:
      | "multiplyGradient"
      | "gateGradient"
      | "sigmoidGradient"
      | "preluGradient"
      | "resampleGradient";
  }
>;

/** Result of a node without weights or with one number, before its activation. */
export function combined(node: Combining, x: Float64Array, memory: Memory): Float64Array {
  switch (node.kind) {
    case "add":
      return addReference(x, memory.read(node.other));
    case "multiply":
      return multiplyReference(x, memory.read(node.gate));
    case "sigmoid":
      return sigmoidReference(x);
    case "prelu":
      return preluReference(x, memory.weight(node.slope)[0] ?? 0);
    case "resample": {
      const shape = memory.shape(node.x);
      const [from = 1, to = 1] = [shape[node.axis], memory.shape(node.y)[node.axis]];
      return resampleReference(shape, node.axis, tapsOf(node.how, from, to), x);
    }
  }
}

/** Gradient that such a node delivers; that of a slope is noted. */
export function combinedGradient(
  node: CombiningGradient,
  dy: Float64Array,
  memory: Memory,
): Float64Array {
  switch (node.kind) {
    case "multiplyGradient":
      return multiplyReference(dy, memory.read(node.gate));
    case "gateGradient":
      return gateGradientReference(memory.read(node.x), dy, elements(memory.shape(node.dx)));
    case "sigmoidGradient":
      return sigmoidGradientReference(memory.read(node.result), dy);
    case "preluGradient": {
      const [slope = 0] = memory.weight(node.slope);
      const result = preluGradientReference(memory.read(node.x), slope, dy);
      memory.gradient(node.slope, Float64Array.of(result.slope));
      return result.dx;
    }
    case "resampleGradient": {
      const shape = memory.shape(node.dy);
      const [from = 1, to = 1] = [memory.shape(node.dx)[node.axis], shape[node.axis]];
      return resampleReference(shape, node.axis, turned(tapsOf(node.how, from, to), from), dy);
    }
  }
}
