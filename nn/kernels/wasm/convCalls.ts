import { eachPlace, type Triple } from "../places.ts";
import { sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import type { WasmKernels } from "./wasmKernels.ts";
import type { Workspace } from "./workspace.ts";

/** A step of a plan: does its work when called. */
export type Call = () => void;

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
  kernels: WasmKernels,
  workspace: Workspace,
  geometry: ConvGeometry,
  { x, y, kernel, bias, slope, accumulate = false }: ForwardArguments,
): Call {
  const { window, stride } = geometry;
  const taps = volumeOf(window);
  const packedLength = taps * x.channels * roundUp4(y.channels);
  const source = paddedSource(kernels, workspace, geometry, x, y.size, packedLength);
  const steps = stepsOf(source, stride);
  return () => {
    const packed = source.extra();
    kernels.packForward(kernel, packed, taps, x.channels, y.channels);
    for (let sample = 0; sample < x.batch; sample++) {
      kernels.convForward(
        ...[source.load(sample), packed, bias, sampleAddress(y, sample)],
        ...[source.taps, source.runs, source.run, y.channels, y.step, y.size[1], y.size[2]],
        ...[...steps, 0, volumeOf(y.size), slope, accumulate ? 1 : 0],
      );
    }
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
  kernels: WasmKernels,
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
  const source = paddedSource(kernels, workspace, mirrored, dy, dx.size, packedLength, stride);
  const steps = stepsOf(source, [1, 1, 1]);
  return () => {
    const packed = source.extra();
    kernels.packTransposed(kernel, packed, taps, dx.channels, dy.channels);
    for (let sample = 0; sample < dx.batch; sample++) {
      kernels.convForward(
        ...[source.load(sample), packed, 0, sampleAddress(dx, sample)],
        ...[source.taps, source.runs, source.run, dx.channels, dx.step, dx.size[1], dx.size[2]],
        ...[...steps, 0, volumeOf(dx.size), 1, accumulate ? 1 : 0],
      );
    }
  };
}

interface InputGradientArguments {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly kernel: number;
  readonly accumulate: boolean;
}

/** Adds to the gradients of kernel and bias; `dBias` 0 for none. */
export function convFilterGradientCall(
  kernels: WasmKernels,
  workspace: Workspace,
  geometry: ConvGeometry,
  { x, dy, dKernel, dBias }: FilterGradientArguments,
): Call {
  const length = volumeOf(geometry.window) * roundUp4(x.channels) * roundUp4(dy.channels);
  const source = paddedSource(kernels, workspace, geometry, x, dy.size, length);
  const steps = stepsOf(source, geometry.stride);
  const places = volumeOf(dy.size);
  const sumLength = source.runs * roundUp4(source.run) * roundUp4(dy.channels);
  return () => {
    const sums = source.extra();
    kernels.clear(sums, 0, 1, sumLength);
    for (let sample = 0; sample < x.batch; sample++) {
      const gradients = sampleAddress(dy, sample);
      kernels.convFilter(
        ...[source.load(sample), gradients, sums, source.taps, 0, source.runs, source.run],
        ...[dy.channels, dy.step, ...dy.size, ...steps],
      );
      if (dBias) kernels.sumPlaces(gradients, dy.step, places, dy.channels, dBias);
    }
    kernels.addFilter(sums, dKernel, source.runs, source.run, dy.channels);
  };
}

interface FilterGradientArguments {
  readonly x: TensorView;
  readonly dy: TensorView;
  readonly dKernel: number;
  readonly dBias: number;
}

/** A tensor as the convolution kernels want it: padded, with the offsets of its taps. */
interface PaddedSource {
  /** Address of the padded sample. */
  load(sample: number): number;
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
  kernels: WasmKernels,
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
  const scratch = workspace.scratch(isPlain ? 0 : volumeOf(padded) * x.channels, extraLength);
  return {
    load: (sample) => {
      if (isPlain) return sampleAddress(x, sample);
      const [target] = scratch();
      const from = sampleAddress(x, sample);
      const counts = [...x.size, ...padded, ...before, ...spacing];
      kernels.padSample(from, target, x.channels, x.step, ...counts);
      return target;
    },
    extra: () => scratch()[1],
    taps: workspace.table(Int32Array.from(offsets)),
    runs: offsets.length,
    run: isJoined ? window[2] * x.channels : x.channels,
    steps,
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
