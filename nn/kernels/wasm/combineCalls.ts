import { addressAt, channelAddress, channelwise, pointwise } from "./shares.ts";
import { flatExtent, type TensorView, volumeOf } from "./tensorView.ts";
import { type Call, cut, type Invocation } from "./work.ts";
import type { Workspace } from "./workspace.ts";

/** A gradient that is written, or added to what is there. */
interface Target {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly accumulate: boolean;
}

/** Runs a kernel over everything: tensors one after the other, then counts and `rest`. */
function elementwise(
  workspace: Workspace,
  kernel: Invocation[0],
  views: readonly TensorView[],
  rest: readonly number[],
): Call {
  const { places, channels } = flatExtent(...views);
  return () => [
    pointwise(workspace, places, channels, (start, counts) => [
      kernel,
      ...views.flatMap((view) => [addressAt(view, start), view.step]),
      ...[...counts, ...rest],
    ]),
  ];
}

/** y = activation(a + b) */
export const addCall = (
  workspace: Workspace,
  a: TensorView,
  b: TensorView,
  { y, slope }: { y: TensorView; slope: number },
): Call => elementwise(workspace, "addTwo", [a, b, y], [slope]);

/** y = x * gate, or that added to y; the gate may have one channel for all of x. */
export const multiplyCall = (
  workspace: Workspace,
  x: TensorView,
  gate: TensorView,
  { y, accumulate }: { y: TensorView; accumulate: boolean },
): Call => gated(workspace, "multiplyGate", x, gate, [x, gate, y], accumulate);

/** dx = dy * x, for a gate dx summed over the channels of x if it has one. */
export const gateGradientCall = (
  workspace: Workspace,
  x: TensorView,
  { dy, dx, accumulate }: Target,
): Call => gated(workspace, "gateGradient", x, dx, [x, dy, dx], accumulate);

function gated(
  workspace: Workspace,
  kernel: "multiplyGate" | "gateGradient",
  x: TensorView,
  gate: TensorView,
  views: readonly TensorView[],
  accumulate: boolean,
): Call {
  const isShared = gate.channels !== x.channels;
  const rest = [isShared ? 1 : 0, accumulate ? 1 : 0];
  if (!isShared) return elementwise(workspace, kernel, views, rest);
  const places = x.batch * volumeOf(x.size);
  // Cut along places only: a gate belongs to all channels of its place.
  return () => [
    cut(places, workspace.pieces(places * x.channels)).map(({ from, to }) => [
      [
        kernel,
        ...views.flatMap((view) => [addressAt(view, { place: from, channel: 0 }), view.step]),
        ...[to - from, x.channels, ...rest],
      ],
    ]),
  ];
}

export const sigmoidCall = (workspace: Workspace, x: TensorView, y: TensorView): Call =>
  elementwise(workspace, "sigmoid", [x, y], []);

/** From the result of the sigmoid. */
export const sigmoidGradientCall = (
  workspace: Workspace,
  output: TensorView,
  { dy, dx, accumulate }: Target,
): Call => elementwise(workspace, "sigmoidGradient", [output, dy, dx], [accumulate ? 1 : 0]);

/** y = x above zero, the number at `slope` times x elsewhere. */
export function preluCall(workspace: Workspace, x: TensorView, y: TensorView, slope: number): Call {
  const { places, channels } = flatExtent(x, y);
  return () => [
    pointwise(workspace, places, channels, (start, counts) => [
      "prelu",
      ...[addressAt(x, start), x.step, addressAt(y, start), y.step, slope, ...counts],
    ]),
  ];
}

/** Writes or adds to dx; adds to the gradient of the slope. */
export function preluGradientCall(
  workspace: Workspace,
  x: TensorView,
  { dy, dx, accumulate, slope, dSlope }: Target & { slope: number; dSlope: number },
): Call {
  const { batch, channels } = x;
  const scratch = workspace.scratch(2 * batch * channels);
  return () => {
    const [sums] = scratch();
    const each = channelwise(workspace, x, (n, range) => [
      [
        "preluGradient",
        ...[x, dy, dx].flatMap((view) => [channelAddress(view, n, range), view.step]),
        ...[slope, sums + 8 * (n * channels + range.from)],
        ...[volumeOf(x.size), range.to - range.from, accumulate ? 1 : 0],
      ],
    ]);
    return [each, [[["sumOf", sums, batch * channels, dSlope]]]];
  };
}
