import { windowOf } from "../kernels/places.ts";
import {
  type AttentionTensors,
  attentionForwardCall,
  attentionKeyCall,
  attentionQueryCall,
} from "../kernels/wasm/attentionCalls.ts";
import { type TensorView, volumeOf } from "../kernels/wasm/tensorView.ts";
import {
  addTableCall,
  depthwiseCall,
  depthwiseFilterCall,
  geluBackwardCall,
  geluForwardCall,
  layerNormBackwardCall,
  layerNormForwardCall,
  pickBackCall,
  pickCall,
  pickTokenCall,
  tableGradientCall,
} from "../kernels/wasm/tokenCalls.ts";
import type { Call } from "../kernels/wasm/work.ts";
import type { Workspace } from "../kernels/wasm/workspace.ts";
import type { ValueId } from "../plan/delivery.ts";
import type { TokenGradientNode, TokenNode } from "../plan/tokenNodes.ts";

/** Where what these ops name lies in memory. */
interface Addresses {
  readonly workspace: Workspace;
  readonly rank: number;
  view(id: ValueId): TensorView;
  weight(name: string | null): number;
  gradient(name: string | null): number;
  /** Address of a step's list of `count` places, of `from`; null where that is known. */
  index(name: string, count: number, from: number | null): number;
}

/** The call that computes a node's result; none where there is nothing to do. */
export function tokenCall(node: TokenNode, addresses: Addresses): Call | null {
  const { workspace, rank, view, weight } = addresses;
  const [x, y] = [view(node.x), view(node.y)];
  switch (node.kind) {
    case "part":
      return null;
    case "depthwise": {
      const weights = { kernel: weight(node.kernel), bias: weight(node.bias) };
      const all = { x, y, ...weights, isMirrored: false, accumulate: false };
      return depthwiseCall(workspace, windowOf(rank, node.size), all);
    }
    case "gelu":
      return geluForwardCall(workspace, x, y);
    case "layerNorm": {
      const tensors = { x, y, statistics: view(node.statistics).address };
      const weights = { scale: weight(node.scale), shift: weight(node.shift) };
      return layerNormForwardCall(workspace, tensors, { ...weights, epsilon: node.epsilon });
    }
    case "attention":
      return attentionForwardCall(workspace, attentionOf(node, view), y);
    case "position":
      return addTableCall(workspace, x, y, weight(node.table));
    case "addTable":
      return addTableCall(workspace, x, y, workspace.table(node.values));
    case "pick":
      return pickCall(x, y, { index: listOf(node, y, addresses, x), token: weight(node.token) });
  }
}

/** The calls of a node of the backward pass, without its mask. */
export function tokenGradientCalls(node: TokenGradientNode, addresses: Addresses): Call[] {
  const { workspace, rank, view, weight, gradient } = addresses;
  const dy = view(node.dy);
  switch (node.kind) {
    case "depthwiseWeightGradient": {
      const weights = { dKernel: gradient(node.kernel), dBias: gradient(node.bias) };
      const all = { x: view(node.x), dy, ...weights };
      return [depthwiseFilterCall(workspace, windowOf(rank, node.size), all)];
    }
    case "tableGradient":
      return [tableGradientCall(workspace, dy, gradient(node.table))];
    case "pickTokenGradient":
      return [pickTokenCall(dy, gradient(node.token), listOf(node, dy, addresses))];
    default:
  }
  const target = { dy, dx: view(node.dx), accumulate: node.accumulate };
  switch (node.kind) {
    case "depthwiseInputGradient": {
      const all = { x: dy, y: target.dx, kernel: weight(node.kernel), bias: 0 };
      const options = { ...all, isMirrored: true, accumulate: node.accumulate };
      return [depthwiseCall(workspace, windowOf(rank, node.size), options)];
    }
    case "geluGradient":
      return [geluBackwardCall(workspace, { x: view(node.x), ...target })];
    case "layerNormGradient": {
      const tensors = { x: view(node.x), statistics: view(node.statistics).address, ...target };
      const gradients = { dScale: gradient(node.scale), dShift: gradient(node.shift) };
      const weights = { scale: weight(node.scale), ...gradients };
      return [layerNormBackwardCall(workspace, tensors, weights)];
    }
    case "attentionQueryGradient":
      return [attentionQueryCall(workspace, attentionOf(node, view), target)];
    case "attentionKeyGradient":
    case "attentionValueGradient": {
      const isValue = node.kind === "attentionValueGradient";
      return [attentionKeyCall(workspace, attentionOf(node, view), { ...target, isValue })];
    }
    case "pickGradient":
      return [pickBackCall(target, listOf(node, dy, addresses))];
  }
}

const listOf = (
  { index }: { readonly index: string },
  { batch, size }: TensorView,
  addresses: Addresses,
  from?: TensorView,
): number => addresses.index(index, batch * volumeOf(size), from ? volumeOf(from.size) : null);

function attentionOf(
  node: {
    readonly x: ValueId;
    readonly key: ValueId;
    readonly value: ValueId;
    readonly statistics: ValueId;
    readonly heads: number;
  },
  view: (id: ValueId) => TensorView,
): AttentionTensors {
  return {
    query: view(node.x),
    key: view(node.key),
    value: view(node.value),
    statistics: view(node.statistics),
    heads: node.heads,
  };
}
