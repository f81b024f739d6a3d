import { groupBackwardCall, groupForwardCall } from "../kernels/wasm/groupNormCalls.ts";
import { normBackwardCall, normForwardCall } from "../kernels/wasm/opCalls.ts";
import type { TensorView } from "../kernels/wasm/tensorView.ts";
import type { Call } from "../kernels/wasm/work.ts";
import type { BackwardNode, ForwardNode, NormScope } from "../plan/graph.ts";
import type { Addresses } from "./addresses.ts";

type NormNode = Extract<ForwardNode, { kind: "norm" }>;
type NormGradientNode = Extract<BackwardNode, { kind: "normGradient" }>;

/** The call that normalises and notes the statistics. */
export function normCall(node: NormNode, addresses: Addresses): Call {
  const { workspace, view } = addresses;
  const { over, epsilon } = node;
  const [x, y] = [view(node.x), view(node.y)].map((one) => inScope(one, node)) as [
    TensorView,
    TensorView,
  ];
  const all = {
    ...{ x, y, ...affineOf(node, x.channels, addresses), epsilon },
    ...{ statistics: view(node.statistics).address, slope: node.activation ?? 1 },
  };
  return typeof over === "object"
    ? groupForwardCall(workspace, { ...all, groups: over.groups })
    : normForwardCall(workspace, all);
}

/** The call that gives the gradients by x, scale and shift. */
export function normGradientCall(node: NormGradientNode, addresses: Addresses): Call {
  const { workspace, view, gradient } = addresses;
  const { over, accumulate } = node;
  const [x, dy, dx] = [view(node.x), view(node.dy), view(node.dx)].map((one) =>
    inScope(one, node),
  ) as [TensorView, TensorView, TensorView];
  const unread = () => workspace.table(new Float32Array(x.channels));
  const all = {
    ...{ x, dy, dx, accumulate, statistics: view(node.statistics).address },
    scale: affineOf(node, x.channels, addresses).scale,
    dScale: node.affine ? gradient(node.scale) : unread(),
    dShift: node.affine ? gradient(node.shift) : unread(),
  };
  return typeof over === "object"
    ? groupBackwardCall(workspace, { ...all, groups: over.groups })
    : normBackwardCall(workspace, all);
}

/** Addresses of scale and shift; of ones and zeros where a norm has none. */
export function affineOf(
  { affine, scale, shift }: NormScope,
  channels: number,
  { workspace, weight }: Addresses,
): { readonly scale: number; readonly shift: number } {
  if (affine) return { scale: weight(scale), shift: weight(shift) };
  return {
    scale: workspace.table(new Float32Array(channels).fill(1)),
    shift: workspace.table(new Float32Array(channels)),
  };
}

/** A batch norm is an instance norm of one sample that holds the places of all. */
function inScope(view: TensorView, { over }: NormScope): TensorView {
  if (over !== "batch") return view;
  const [depth, height, width] = view.size;
  return { ...view, batch: 1, size: [view.batch * depth, height, width] };
}
