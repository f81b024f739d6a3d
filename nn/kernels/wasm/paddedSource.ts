import { eachPlace, type Triple } from "../places.ts";
import { sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import { cut, type Range, type Task } from "./work.ts";
import { slackBytes, type Workspace } from "./workspace.ts";

/** A convolution; each per depth, height and width. Kernels are [..window, in, out]. */
export interface ConvGeometry {
  readonly window: Triple;
  readonly stride: Triple;
  readonly dilation: Triple;
  /** Zeros in front of the first place. */
  readonly before: Triple;
}

/** Multiplications with their additions that one thread does in a nanosecond, about. */
export const productsPerNanosecond = 5;

/** A tensor as the convolution kernels want it: padded, with the offsets of its taps. */
export interface PaddedSource {
  /** Samples that have room at the same time. */
  readonly groups: readonly Range[];
  /** Brings in the samples of a group. */
  load(samples: Range): Task[];
  /** Address of a padded sample. */
  address(sample: number): number;
  /** Address of the caller's own scratch. */
  extra(): number;
  /** Address of the byte offsets of the runs. */
  readonly taps: number;
  readonly runs: number;
  /** Floats of a run of neighbouring taps. */
  readonly run: number;
  /** Bytes from place to place, per axis. */
  readonly steps: Triple;
}

export function paddedSource(
  workspace: Workspace,
  { window, stride, dilation, before }: ConvGeometry,
  x: TensorView,
  out: Triple,
  extraLength: number,
  spacing: Triple = [1, 1, 1],
): PaddedSource {
  const padded = triple(
    (axis) => (out[axis] - 1) * stride[axis] + (window[axis] - 1) * dilation[axis] + 1,
  );
  const isPlain =
    volumeOf(window) === 1 &&
    before.every((zeros) => zeros === 0) &&
    spacing.every((space, axis) => space === 1 && (padded[axis] ?? 0) <= (x.size[axis] ?? 0));
  const size = isPlain ? x.size : padded;
  const step = isPlain ? x.step : x.channels * 4;
  const steps: Triple = [size[1] * size[2] * step, size[2] * step, step];
  const isJoined = dilation[2] === 1 && !isPlain;
  const offsets = tapOffsets(window, dilation, steps, isJoined);
  const { threads } = workspace.sharing;
  // One thread pads a sample and uses it while it is in the cache.
  const slots = isPlain && threads > 1 ? x.batch : Math.min(x.batch, threads);
  const slotLength = isPlain ? 0 : roundUp16(volumeOf(padded) * x.channels + slackFloats);
  const scratch = workspace.scratch(slots * slotLength, extraLength);
  const address = (sample: number) =>
    isPlain ? sampleAddress(x, sample) : scratch()[0] + (sample % slots) * slotLength * 4;
  const groups = Array.from({ length: Math.ceil(x.batch / slots) }, (_, group) => ({
    from: group * slots,
    to: Math.min(x.batch, (group + 1) * slots),
  }));
  const pad = (sample: number, axis: 0 | 1, { from, to }: Range): Task => {
    const count = triple((i) => (i === axis ? to - from : padded[i]));
    const zeros = triple((i) => before[i] - (i === axis ? from : 0));
    const target = address(sample) + from * steps[axis];
    const counts = [...x.size, ...count, ...zeros, ...spacing];
    return [["padSample", sampleAddress(x, sample), target, x.channels, x.step, ...counts]];
  };
  const load = (samples: Range): Task[] => {
    if (isPlain) return [];
    const all = Array.from({ length: samples.to - samples.from }, (_, i) => samples.from + i);
    const pieces = workspace.pieces(all.length * slotLength);
    const axis = padded[0] > 1 ? 0 : 1;
    const ranges = cut(padded[axis], Math.ceil(pieces / all.length));
    return all.flatMap((sample) => ranges.map((range) => pad(sample, axis, range)));
  };
  return {
    ...{ groups, load, address, steps },
    extra: () => scratch()[1],
    taps: workspace.table(Int32Array.from(offsets)),
    runs: offsets.length,
    run: isJoined ? window[2] * x.channels : x.channels,
  };
}

/** Bytes from a place's first tap to each run of taps; joined: a run spans the window's width. */
function tapOffsets(window: Triple, dilation: Triple, steps: Triple, isJoined: boolean): number[] {
  const offsets: number[] = [];
  const bytes = triple((axis) => dilation[axis] * steps[axis]);
  eachPlace([window[0], window[1], isJoined ? 1 : window[2]], (z, y, x) => {
    offsets.push(z * bytes[0] + y * bytes[1] + x * bytes[2]);
  });
  return offsets;
}

export const stepsOf = ({ steps }: PaddedSource, stride: Triple): Triple =>
  triple((axis) => steps[axis] * stride[axis]);

export const triple = (at: (axis: 0 | 1 | 2) => number): Triple => [at(0), at(1), at(2)];

export const roundUp4 = (count: number): number => Math.ceil(count / 4) * 4;

export const roundUp16 = (count: number): number => Math.ceil(count / 16) * 16;

export const slackFloats = slackBytes / 4;
