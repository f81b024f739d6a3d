import { normEpsilon } from "../norm/norm.reference.ts";
import { addressAt, channelAddress, channelwise, pointwise } from "./shares.ts";
import { flatExtent, type TensorView, volumeOf } from "./tensorView.ts";
import type { Call, Task } from "./work.ts";
import type { Workspace } from "./workspace.ts";

/** y = activation(x): x above zero, slope * x elsewhere; slope 1 copies. */
export function activationCall(
  workspace: Workspace,
  x: TensorView,
  y: TensorView,
  slope: number,
): Call {
  const { places, channels } = flatExtent(x, y);
  return () => [
    pointwise(workspace, places, channels, (start, counts) => [
      "activation",
      ...[addressAt(x, start), x.step, addressAt(y, start), y.step],
      ...[...counts, slope],
    ]),
  ];
}

/** dx += dy */
export function addToCall(workspace: Workspace, dy: TensorView, dx: TensorView): Call {
  const { places, channels } = flatExtent(dy, dx);
  return () => [
    pointwise(workspace, places, channels, (start, counts) => [
      "addTo",
      ...[addressAt(dy, start), dy.step, addressAt(dx, start), dx.step],
      ...counts,
    ]),
  ];
}

/** dx *= slope where y is not above zero */
export function maskCall(workspace: Workspace, dx: TensorView, y: TensorView, slope: number): Call {
  const { places, channels } = flatExtent(dx, y);
  return () => [
    pointwise(workspace, places, channels, (start, counts) => [
      "maskGradient",
      ...[addressAt(dx, start), dx.step, addressAt(y, start), y.step],
      ...[...counts, slope],
    ]),
  ];
}

/** Floats that the statistics of an instance norm take. */
export const statisticsLength = (batch: number, channels: number): number => 3 * batch * channels;

/** Addresses of an instance norm: what it keeps for the gradient, and its weights. */
interface NormAddresses {
  readonly statistics: number;
  readonly scale: number;
}

/** y = activation(instance norm of x); fills `statistics`. */
export function normForwardCall(
  workspace: Workspace,
  { x, y, statistics, scale, shift, slope, epsilon = normEpsilon }: NormForwardArguments,
): Call {
  const [places, line] = [volumeOf(x.size), 4 * x.channels];
  return () => [
    channelwise(workspace, x, (n, range) => {
      const offset = 4 * range.from;
      return [
        [
          "normForward",
          ...[channelAddress(x, n, range), x.step],
          ...[channelAddress(y, n, range), y.step, statistics + n * 3 * line + offset],
          ...[scale + offset, shift + offset, places, range.to - range.from, line, epsilon, slope],
        ],
      ];
    }),
  ];
}

interface NormForwardArguments extends NormAddresses {
  readonly x: TensorView;
  readonly y: TensorView;
  readonly shift: number;
  readonly slope: number;
  readonly epsilon?: number;
}

/** Writes or adds to dx; adds to the gradients of scale and shift. */
export function normBackwardCall(
  workspace: Workspace,
  { x, dy, dx, statistics, scale, dScale, dShift, accumulate }: NormBackwardArguments,
): Call {
  const [places, line] = [volumeOf(x.size), 4 * x.channels];
  const isShared = workspace.sharing.threads > 1;
  const length = Math.ceil(x.channels / 4) * 4;
  const each = isShared ? x.batch * length : 0;
  const scratch = workspace.scratch(each, each);
  return () => {
    const sums = scratch();
    // Samples side by side keep sums of their own, which are then added in the samples' order.
    const targets = isShared ? sums : [dScale, dShift];
    const stage = channelwise(workspace, x, (n, range) => {
      const [offset, count] = [4 * range.from, range.to - range.from];
      const own = targets.map((target) => target + offset + (isShared ? 4 * n * length : 0));
      const clear: Task = isShared ? own.map((target) => ["clear", target, 0, 1, count]) : [];
      return [
        ...clear,
        [
          "normBackward",
          ...[channelAddress(x, n, range), x.step],
          ...[channelAddress(dy, n, range), dy.step, channelAddress(dx, n, range), dx.step],
          ...[statistics + n * 3 * line + offset, scale + offset, ...own],
          ...[places, count, line, accumulate ? 1 : 0],
        ],
      ];
    });
    if (!isShared) return [stage];
    const adds = Array.from({ length: x.batch }, (_, n): Task => {
      const [scales, shifts] = sums.map((sum) => sum + 4 * n * length);
      return [
        ["addTo", scales ?? 0, 0, dScale, 0, 1, x.channels],
        ["addTo", shifts ?? 0, 0, dShift, 0, 1, x.channels],
      ];
    });
    return [stage, [adds.flat()]];
  };
}

interface NormBackwardArguments extends NormAddresses {
  readonly x: TensorView;
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly dScale: number;
  readonly dShift: number;
  readonly accumulate: boolean;
}

/** `isDeep`: the window spans the depth too. */
export function maxPoolForwardCall(
  workspace: Workspace,
  x: TensorView,
  y: TensorView,
  isDeep: boolean,
): Call {
  return () => [
    channelwise(workspace, x, (n, range) => [
      [
        "maxPoolForward",
        ...[channelAddress(x, n, range), x.step],
        ...[channelAddress(y, n, range), y.step],
        ...[...x.size, range.to - range.from, isDeep ? 1 : 0],
      ],
    ]),
  ];
}

/** dy to the first largest of each window. */
export function maxPoolBackwardCall(
  workspace: Workspace,
  { x, dy, dx, isDeep, accumulate }: MaxPoolBackwardArguments,
): Call {
  return () => [
    channelwise(workspace, x, (n, range) => [
      [
        "maxPoolBackward",
        ...[channelAddress(x, n, range), x.step],
        ...[channelAddress(dy, n, range), dy.step, channelAddress(dx, n, range), dx.step],
        ...[...x.size, range.to - range.from, isDeep ? 1 : 0, accumulate ? 1 : 0],
      ],
    ]),
  ];
}

interface MaxPoolBackwardArguments {
  readonly x: TensorView;
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly isDeep: boolean;
  readonly accumulate: boolean;
}
