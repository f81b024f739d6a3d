import { eachPlace, type Triple } from "../places.ts";
import { sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import {
  type Call,
  cut,
  cutSamples,
  type Invocation,
  type Range,
  type Stage,
  type Task,
} from "./work.ts";
import { slackBytes, type Workspace } from "./workspace.ts";

/** A convolution; each per depth, height and width. Kernels are [..window, in, out]. */
export interface ConvGeometry {
  readonly window: Triple;
  readonly stride: Triple;
  readonly dilation: Triple;
  /** Zeros in front of the first place. */
  readonly before: Triple;
}

/** y = activation(conv(x) + bias); `slope` as in activation, 1 for none; `bias` 0 for none. */
export function convForwardCall(
  workspace: Workspace,
  geometry: ConvGeometry,
  { x, y, kernel, bias, slope, accumulate = false }: ForwardArguments,
): Call {
  const { window, stride } = geometry;
  const taps = volumeOf(window);
  const packedLength = taps * x.channels * roundUp4(y.channels);
  const source = paddedSource(workspace, geometry, x, y.size, packedLength);
  return () => {
    const pack: Task = [["packForward", kernel, source.extra(), taps, x.channels, y.channels]];
    return convolution(workspace, source, pack, { y, bias, slope, accumulate, stride });
  };
}

interface ForwardArguments {
  readonly x: TensorView;
  readonly y: TensorView;
  readonly kernel: number;
  readonly bias: number;
  readonly slope: number;
  /** Whether to add to y what it held, before the activation. */
  readonly accumulate?: boolean;
}

/** dx = the transpose of the convolution of dy, or that added to dx. */
export function convInputGradientCall(
  workspace: Workspace,
  geometry: ConvGeometry,
  { dy, dx, kernel, accumulate }: InputGradientArguments,
): Call {
  const { window, stride, dilation, before } = geometry;
  const taps = volumeOf(window);
  // A convolution of stride 1 over dy, spread by the stride, with the filter mirrored.
  const mirrored: ConvGeometry = {
    ...{ window, dilation, stride: [1, 1, 1] },
    before: triple((axis) => (window[axis] - 1) * dilation[axis] - before[axis]),
  };
  const packedLength = taps * dy.channels * roundUp4(dx.channels);
  const source = paddedSource(workspace, mirrored, dy, dx.size, packedLength, stride);
  return () => {
    const pack: Task = [["packTransposed", kernel, source.extra(), taps, dx.channels, dy.channels]];
    const target = { y: dx, bias: 0, slope: 1, accumulate, stride: mirrored.stride };
    return convolution(workspace, source, pack, target);
  };
}

interface InputGradientArguments {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly kernel: number;
  readonly accumulate: boolean;
}

interface ConvTarget {
  readonly y: TensorView;
  readonly bias: number;
  readonly slope: number;
  readonly accumulate: boolean;
  readonly stride: Triple;
}

/** Packs the filter, then pads and convolves a few samples at a time. */
function convolution(
  workspace: Workspace,
  source: PaddedSource,
  pack: Task,
  { y, bias, slope, accumulate, stride }: ConvTarget,
): Stage[] {
  const places = volumeOf(y.size);
  const each = (places * source.runs * source.run * roundUp4(y.channels)) / productsPerNanosecond;
  const [packed, steps] = [source.extra(), stepsOf(source, stride)];
  return source.groups.flatMap((samples, group) => {
    const pieces = workspace.pieces((samples.to - samples.from) * each);
    const tasks = cutSamples(samples, places, { pieces, grain: 4 }, (sample, { from, to }) => [
      "convForward",
      ...[source.address(sample), packed, bias, sampleAddress(y, sample)],
      ...[source.taps, source.runs, source.run, y.channels, y.step, y.size[1], y.size[2]],
      ...[...steps, from, to, slope, accumulate ? 1 : 0],
    ]);
    return stages([...(group ? [] : [pack]), ...source.load(samples)], tasks);
  });
}

/** Adds to the gradients of kernel and bias; `dBias` 0 for none. */
export function convFilterGradientCall(
  workspace: Workspace,
  geometry: ConvGeometry,
  { x, dy, dKernel, dBias }: FilterGradientArguments,
): Call {
  const outs4 = roundUp4(dy.channels);
  const length = volumeOf(geometry.window) * roundUp4(x.channels) * outs4;
  const source = paddedSource(workspace, geometry, x, dy.size, length);
  const { runs, run } = source;
  const steps = stepsOf(source, geometry.stride);
  const places = volumeOf(dy.size);
  const tiles = runs * (roundUp4(run) / 4);
  const each = (places * tiles * 4 * outs4) / productsPerNanosecond;
  return () => {
    const sums = source.extra();
    const clear: Task = [["clear", sums, 0, 1, 4 * tiles * outs4]];
    const gradients = source.groups.flatMap((samples, group) => {
      const all = Array.from({ length: samples.to - samples.from }, (_, i) => samples.from + i);
      const pieces = workspace.pieces(all.length * places * dy.channels);
      const biases = cut(dy.channels, pieces, 4).map(({ from, to }) =>
        all.map((sample): Invocation => {
          const start = sampleAddress(dy, sample) + 4 * from;
          return ["sumPlaces", start, dy.step, places, to - from, dBias + 4 * from];
        }),
      );
      const filters = cut(tiles, workspace.pieces(all.length * each)).map(({ from, to }) =>
        all.map(
          (sample): Invocation => [
            "convFilter",
            ...[source.address(sample), sampleAddress(dy, sample), sums],
            ...[source.taps, from, to, run, dy.channels, dy.step, ...dy.size, ...steps],
          ],
        ),
      );
      const load = [...(group ? [] : [clear]), ...source.load(samples)];
      return stages(load, dBias ? [...biases, ...filters] : filters);
    });
    const adds = cut(runs, workspace.pieces(length)).map(({ from, to }): Task => {
      const target = dKernel + from * run * dy.channels * 4;
      const start = sums + from * roundUp4(run) * outs4 * 4;
      return [["addFilter", start, target, to - from, run, dy.channels]];
    });
    return [...gradients, adds];
  };
}

interface FilterGradientArguments {
  readonly x: TensorView;
  readonly dy: TensorView;
  readonly dKernel: number;
  readonly dBias: number;
}

/** Multiplications with their additions that one thread does in a nanosecond, about. */
const productsPerNanosecond = 5;

const stages = (...all: readonly Stage[]): Stage[] => all.filter(({ length }) => length > 0);

/** A tensor as the convolution kernels want it: padded, with the offsets of its taps. */
interface PaddedSource {
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

function paddedSource(
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

const stepsOf = ({ steps }: PaddedSource, stride: Triple): Triple =>
  triple((axis) => steps[axis] * stride[axis]);

const triple = (at: (axis: 0 | 1 | 2) => number): Triple => [at(0), at(1), at(2)];

const roundUp4 = (count: number): number => Math.ceil(count / 4) * 4;

const roundUp16 = (count: number): number => Math.ceil(count / 16) * 16;

const slackFloats = slackBytes / 4;
