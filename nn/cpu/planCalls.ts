import { windowOf } from "../kernels/places.ts";
import {
  type Call,
  type ConvGeometry,
  convFilterGradientCall,
  convForwardCall,
  convInputGradientCall,
} from "../kernels/wasm/convCalls.ts";
import {
  convTransposedFilterGradientCall,
  convTransposedForwardCall,
  convTransposedInputGradientCall,
} from "../kernels/wasm/convTransposedCalls.ts";
import {
  activationCall,
  addToCall,
  maskCall,
  maxPoolBackwardCall,
  maxPoolForwardCall,
  normBackwardCall,
  normForwardCall,
  upsampleBackwardCall,
  upsampleForwardCall,
} from "../kernels/wasm/opCalls.ts";
import type { TensorView } from "../kernels/wasm/tensorView.ts";
import type { WasmKernels } from "../kernels/wasm/wasmKernels.ts";
import type { Workspace } from "../kernels/wasm/workspace.ts";
import type { BackwardNode, ConvWindow, Delivery, ForwardNode, ValueId } from "../plan/graph.ts";

/** Where everything that a node names lies in memory. */
export interface Addresses {
  readonly kernels: WasmKernels;
  readonly workspace: Workspace;
  /** 4 for networks of slices, 5 for volumes. */
  readonly rank: number;
  view(id: ValueId): TensorView;
  /** Address of a weight, 0 for none. */
  weight(name: string | null): number;
  /** Address of its gradient, 0 for none. */
  gradient(name: string | null): number;
}

/** The call that computes a node's result; none where there is nothing to do. */
export function forwardCall(node: ForwardNode, addresses: Addresses): Call | null {
  const { kernels, workspace, rank, view, weight } = addresses;
  if (node.kind === "concat") return null;
  const [x, y] = [view(node.x), view(node.y)];
  switch (node.kind) {
    case "conv":
    case "convTransposed": {
      const weights = { kernel: weight(node.kernel), bias: weight(node.bias) };
      const all = { x, y, ...weights, slope: node.activation ?? 1 };
      return node.kind === "conv"
        ? convForwardCall(kernels, workspace, geometryOf(node, rank), all)
        : convTransposedForwardCall(kernels, workspace, windowOf(rank, node.size), all);
    }
    case "norm":
      return normForwardCall(kernels, {
        ...{ x, y, statistics: view(node.statistics).address, slope: node.activation ?? 1 },
        ...{ scale: weight(node.scale), shift: weight(node.shift) },
      });
    case "activate":
      return activationCall(kernels, x, y, node.activation);
    case "maxPool":
      return maxPoolForwardCall(kernels, x, y, rank === 5);
    case "upsample":
      return upsampleForwardCall(kernels, workspace, x, y);
    case "copy":
      return activationCall(kernels, x, y, 1);
  }
}

type GradientNode = Exclude<BackwardNode, { kind: "loss" }>;

/** The calls of a node of the backward pass; gradients of weights are added to. */
export function backwardCalls(node: GradientNode, addresses: Addresses): Call[] {
  const { kernels, workspace, rank, view, gradient } = addresses;
  const dy = view(node.dy);
  switch (node.kind) {
    case "convWeightGradient":
    case "convTransposedWeightGradient": {
      const weights = { dKernel: gradient(node.kernel), dBias: gradient(node.bias) };
      const all = { x: view(node.x), dy, ...weights };
      return [
        node.kind === "convWeightGradient"
          ? convFilterGradientCall(kernels, workspace, geometryOf(node, rank), all)
          : convTransposedFilterGradientCall(kernels, workspace, windowOf(rank, node.size), all),
      ];
    }
    default:
      return [...deliveryCalls(node, addresses), ...maskCalls(node, addresses)];
  }
}

function deliveryCalls(node: Extract<GradientNode, Delivery>, addresses: Addresses): Call[] {
  const { kernels, workspace, rank, view, weight, gradient } = addresses;
  const [dy, dx, accumulate] = [view(node.dy), view(node.dx), node.accumulate];
  switch (node.kind) {
    case "convInputGradient": {
      const all = { dy, dx, accumulate, kernel: weight(node.kernel) };
      return [convInputGradientCall(kernels, workspace, geometryOf(node, rank), all)];
    }
    case "convTransposedInputGradient": {
      const all = { dy, dx, accumulate, kernel: weight(node.kernel) };
      const window = windowOf(rank, node.size);
      return [convTransposedInputGradientCall(kernels, workspace, window, all)];
    }
    case "normGradient": {
      const weights = { scale: weight(node.scale), statistics: view(node.statistics).address };
      const gradients = { dScale: gradient(node.scale), dShift: gradient(node.shift) };
      const all = { x: view(node.x), dy, dx, accumulate, ...weights, ...gradients };
      return [normBackwardCall(kernels, all)];
    }
    case "maxPoolGradient": {
      const all = { x: view(node.x), dy, dx, accumulate, isDeep: rank === 5 };
      return [maxPoolBackwardCall(kernels, all)];
    }
    case "upsampleGradient":
      return [upsampleBackwardCall(kernels, workspace, { dy, dx, accumulate })];
    case "pass":
      if (accumulate) return [addToCall(kernels, dy, dx)];
      return node.dy === node.dx ? [] : [activationCall(kernels, dy, dx, 1)];
  }
}

function maskCalls({ dx, mask }: Delivery, { kernels, view }: Addresses): Call[] {
  return mask ? [maskCall(kernels, view(dx), view(mask.y), mask.slope)] : [];
}

function geometryOf({ size, stride, dilation }: ConvWindow, rank: number): ConvGeometry {
  const before = ((size - 1) / 2) * dilation;
  return {
    ...{ window: windowOf(rank, size), stride: windowOf(rank, stride) },
    ...{ dilation: windowOf(rank, dilation), before: [rank === 5 ? before : 0, before, before] },
  };
}
