import { addressAt, channelAddress, channelwise, pointwise } from "./shares.ts";
import { sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import { type Call, cutSamples, type Stage, type Task } from "./work.ts";
import type { Workspace } from "./workspace.ts";

/** What a group norm keeps for the gradient, as `statisticsLength`, and its weights. */
interface GroupNorm {
  readonly statistics: number;
  readonly scale: number;
  readonly groups: number;
}

const roundUp4 = (count: number): number => Math.ceil(count / 4) * 4;

/** y = activation(group norm of x); fills `statistics`. */
export function groupForwardCall(
  workspace: Workspace,
  { x, y, statistics, scale, shift, groups, epsilon, slope }: GroupForwardArguments,
): Call {
  const { batch, channels } = x;
  const places = volumeOf(x.size);
  const line = roundUp4(channels);
  const momentsOf = workspace.scratch(4 * line * batch);
  const ofSample = (n: number) => statistics + 12 * channels * n;
  return () => {
    const [moments] = momentsOf();
    const measure = channelwise(workspace, x, (n, range) => [
      [
        "groupMoments",
        ...[channelAddress(x, n, range), x.step, moments + 16 * line * n + 8 * range.from],
        ...[places, range.to - range.from, line],
      ],
    ]);
    const join = eachSample(batch, (n) => [
      "groupJoin",
      ...[moments + 16 * line * n, ofSample(n), places, channels, channels / groups],
      ...[line, channels, epsilon],
    ]);
    const apply = overPlaces(workspace, x, (n, from, count) => [
      "groupApply",
      ...[sampleAddress(x, n) + from * x.step, x.step, sampleAddress(y, n) + from * y.step, y.step],
      ...[ofSample(n), scale, shift, count, channels, channels, slope],
    ]);
    return [measure, join, apply];
  };
}

interface GroupForwardArguments extends GroupNorm {
  readonly x: TensorView;
  readonly y: TensorView;
  readonly shift: number;
  readonly epsilon: number;
  readonly slope: number;
}

/** Writes or adds to dx; adds to the gradients of scale and shift. */
export function groupBackwardCall(
  workspace: Workspace,
  { x, dy, dx, statistics, scale, dScale, dShift, groups, accumulate }: GroupBackwardArguments,
): Call {
  const { batch, channels } = x;
  const places = volumeOf(x.size);
  const line = roundUp4(channels);
  const scratch = workspace.scratch(4 * line * batch, 2 * line * batch);
  const ofSample = (n: number) => statistics + 12 * channels * n;
  return () => {
    const [sums, means] = scratch();
    const add = channelwise(workspace, x, (n, range) => [
      [
        "groupGradientSums",
        ...[channelAddress(x, n, range), x.step, channelAddress(dy, n, range), dy.step],
        ...[ofSample(n) + 4 * range.from, sums + 16 * line * n + 8 * range.from],
        ...[places, range.to - range.from, line, channels],
      ],
    ]);
    const join = eachSample(batch, (n) => [
      "groupGradientJoin",
      ...[sums + 16 * line * n, scale, dScale, dShift, means + 8 * line * n],
      ...[places, channels, channels / groups, line],
    ]);
    const apply = overPlaces(workspace, x, (n, from, count) => {
      const at = (view: TensorView) => sampleAddress(view, n) + from * view.step;
      return [
        "groupGradient",
        ...[at(x), x.step, at(dy), dy.step, at(dx), dx.step, ofSample(n), scale],
        ...[means + 8 * line * n, count, channels, channels, line, accumulate ? 1 : 0],
      ];
    });
    return [add, join, apply];
  };
}

interface GroupBackwardArguments extends GroupNorm {
  readonly x: TensorView;
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly dScale: number;
  readonly dShift: number;
  readonly accumulate: boolean;
}

/** y = activation(norm of x) by a stored mean and variance of each channel. */
export function normStoredCall(
  workspace: Workspace,
  { x, y, mean, variance, scale, shift, epsilon, slope }: NormStoredArguments,
): Call {
  const places = x.batch * volumeOf(x.size);
  return () => [
    pointwise(workspace, places, x.channels, (start, counts) => {
      const of = (address: number) => address + 4 * start.channel;
      return [
        "normStored",
        ...[addressAt(x, start), x.step, addressAt(y, start), y.step],
        ...[of(mean), of(variance), of(scale), of(shift), ...counts, epsilon, slope],
      ];
    }),
  ];
}

interface NormStoredArguments {
  readonly x: TensorView;
  readonly y: TensorView;
  readonly mean: number;
  readonly variance: number;
  readonly scale: number;
  readonly shift: number;
  readonly epsilon: number;
  readonly slope: number;
}

/** Samples one after the other, whose order counts where they add to the same numbers. */
const eachSample = (batch: number, invocation: (sample: number) => Task[number]): Stage => [
  Array.from({ length: batch }, (_, n) => invocation(n)),
];

function overPlaces(
  workspace: Workspace,
  { batch, size, channels }: TensorView,
  invocation: (sample: number, from: number, count: number) => Task[number],
): Stage {
  const places = volumeOf(size);
  const pieces = workspace.pieces(batch * places * channels);
  return cutSamples({ from: 0, to: batch }, places, { pieces, grain: 1 }, (n, { from, to }) =>
    invocation(n, from, to - from),
  );
}
