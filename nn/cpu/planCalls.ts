import { zerosBefore } from "../convWindow.ts";
import { windowOf } from "../kernels/places.ts";
import { tapsOf, turned } from "../kernels/resample/resample.reference.ts";
import {
  addCall,
  gateGradientCall,
  multiplyCall,
  preluCall,
  preluGradientCall,
  sigmoidCall,
  sigmoidGradientCall,
} from "../kernels/wasm/combineCalls.ts";
import {
  convFilterGradientCall,
  convForwardCall,
  convInputGradientCall,
} from "../kernels/wasm/convCalls.ts";
import {
  convTransposedFilterGradientCall,
  convTransposedForwardCall,
  convTransposedInputGradientCall,
} from "../kernels/wasm/convTransposedCalls.ts";
import { normStoredCall } from "../kernels/wasm/groupNormCalls.ts";
import {
  activationCall,
  addToCall,
  maskCall,
  maxPoolBackwardCall,
  maxPoolForwardCall,
} from "../kernels/wasm/opCalls.ts";
import type { ConvGeometry } from "../kernels/wasm/paddedSource.ts";
import { mixAxisCall } from "../kernels/wasm/resampleCalls.ts";
import { upsampleBackwardCall, upsampleForwardCall } from "../kernels/wasm/upsampleCalls.ts";
import type { Call } from "../kernels/wasm/work.ts";
import type { BackwardNode, ConvWindow, Delivery, ForwardNode } from "../plan/graph.ts";
import { isTokenGradient, isTokenNode, type TokenGradientNode } from "../plan/tokenNodes.ts";
import type { Addresses } from "./addresses.ts";
import { affineOf, normCall, normGradientCall } from "./normCalls.ts";
import { tokenCall, tokenGradientCalls } from "./tokenPlanCalls.ts";

/** The call that computes a node's result; none where there is nothing to do. */
export function forwardCall(node: ForwardNode, addresses: Addresses): Call | null {
  const { workspace, rank, view, weight } = addresses;
  if (node.kind === "concat") return null;
  if (isTokenNode(node)) return tokenCall(node, addresses);
  const [x, y] = [view(node.x), view(node.y)];
  switch (node.kind) {
    case "conv":
    case "convTransposed": {
      const weights = { kernel: weight(node.kernel), bias: weight(node.bias) };
      const all = { x, y, ...weights, slope: node.activation ?? 1 };
      return node.kind === "conv"
        ? convForwardCall(workspace, geometryOf(node, rank), all)
        : convTransposedForwardCall(workspace, transposedWindow(node, rank), all);
    }
    case "norm":
      return normCall(node, addresses);
    case "normStored":
      return normStoredCall(workspace, {
        ...{ x, y, ...affineOf(node, x.channels, addresses), epsilon: node.epsilon },
        ...{ mean: weight(node.running.mean), variance: weight(node.running.variance) },
        slope: node.activation ?? 1,
      });
    case "add":
      return addCall(workspace, x, view(node.other), { y, slope: node.activation ?? 1 });
    case "multiply":
      return multiplyCall(workspace, x, view(node.gate), { y, accumulate: false });
    case "sigmoid":
      return sigmoidCall(workspace, x, y);
    case "prelu":
      return preluCall(workspace, x, y, weight(node.slope));
    case "activate":
      return activationCall(workspace, x, y, node.activation);
    case "maxPool":
      return maxPoolForwardCall(workspace, x, y, rank === 5);
    case "upsample":
      return upsampleForwardCall(workspace, x, y);
    case "resample": {
      const axis = axisOf(node.axis, rank);
      const taps = tapsOf(node.how, x.size[axis], y.size[axis]);
      return mixAxisCall(workspace, { x, y, axis, taps, accumulate: false });
    }
    case "copy":
      return activationCall(workspace, x, y, 1);
  }
}

type GradientNode = Exclude<BackwardNode, { kind: "loss" }>;
type PlainDelivery = Exclude<Extract<GradientNode, Delivery>, TokenGradientNode>;

/** The calls of a node of the backward pass; gradients of weights are added to. */
export function backwardCalls(node: GradientNode, addresses: Addresses): Call[] {
  const { workspace, rank, view, gradient } = addresses;
  if (isTokenGradient(node)) {
    const calls = tokenGradientCalls(node, addresses);
    return "dx" in node ? [...calls, ...maskCalls(node, addresses)] : calls;
  }
  const dy = view(node.dy);
  switch (node.kind) {
    case "convWeightGradient":
    case "convTransposedWeightGradient": {
      const weights = { dKernel: gradient(node.kernel), dBias: gradient(node.bias) };
      const all = { x: view(node.x), dy, ...weights };
      return [
        node.kind === "convWeightGradient"
          ? convFilterGradientCall(workspace, geometryOf(node, rank), all)
          : convTransposedFilterGradientCall(workspace, transposedWindow(node, rank), all),
      ];
    }
    default:
      return [...deliveryCalls(node, addresses), ...maskCalls(node, addresses)];
  }
}

function deliveryCalls(node: PlainDelivery, addresses: Addresses): Call[] {
  const { workspace, rank, view, weight, gradient } = addresses;
  const [dy, dx, accumulate] = [view(node.dy), view(node.dx), node.accumulate];
  switch (node.kind) {
    case "convInputGradient": {
      const all = { dy, dx, accumulate, kernel: weight(node.kernel) };
      return [convInputGradientCall(workspace, geometryOf(node, rank), all)];
    }
    case "convTransposedInputGradient": {
      const all = { dy, dx, accumulate, kernel: weight(node.kernel) };
      const window = transposedWindow(node, rank);
      return [convTransposedInputGradientCall(workspace, window, all)];
    }
    case "normGradient":
      return [normGradientCall(node, addresses)];
    case "multiplyGradient":
      return [multiplyCall(workspace, dy, view(node.gate), { y: dx, accumulate })];
    case "gateGradient":
      return [gateGradientCall(workspace, view(node.x), { dy, dx, accumulate })];
    case "sigmoidGradient":
      return [sigmoidGradientCall(workspace, view(node.result), { dy, dx, accumulate })];
    case "preluGradient": {
      const learned = { slope: weight(node.slope), dSlope: gradient(node.slope) };
      return [preluGradientCall(workspace, view(node.x), { dy, dx, accumulate, ...learned })];
    }
    case "maxPoolGradient": {
      const all = { x: view(node.x), dy, dx, accumulate, isDeep: rank === 5 };
      return [maxPoolBackwardCall(workspace, all)];
    }
    case "upsampleGradient":
      return [upsampleBackwardCall(workspace, { dy, dx, accumulate })];
    case "resampleGradient": {
      const axis = axisOf(node.axis, rank);
      const [from, to] = [dx.size[axis], dy.size[axis]];
      const taps = turned(tapsOf(node.how, from, to), from);
      return [mixAxisCall(workspace, { x: dy, y: dx, axis, taps, accumulate })];
    }
    case "pass":
      if (accumulate) return [addToCall(workspace, dy, dx)];
      return node.dy === node.dx ? [] : [activationCall(workspace, dy, dx, 1)];
  }
}

function maskCalls({ dx, mask }: Delivery, { workspace, view }: Addresses): Call[] {
  return mask ? [maskCall(workspace, view(dx), view(mask.y), mask.slope)] : [];
}

/** A spatial axis of a shape as one of depth, height and width. */
const axisOf = (axis: number, rank: number): 0 | 1 | 2 =>
  axis === rank - 2 ? 2 : axis === rank - 3 ? 1 : 0;

const transposedWindow = (
  { size, stride }: { readonly size: number; readonly stride: number },
  rank: number,
) => ({ window: windowOf(rank, size), stride: windowOf(rank, stride) });

function geometryOf({ size, stride, dilation }: ConvWindow, rank: number): ConvGeometry {
  const before = zerosBefore(size, dilation);
  return {
    ...{ window: windowOf(rank, size), stride: windowOf(rank, stride) },
    ...{ dilation: windowOf(rank, dilation), before: [rank === 5 ? before : 0, before, before] },
  };
}
