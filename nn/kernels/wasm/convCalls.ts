import type { Triple } from "../places.ts";
import {
  type ConvGeometry,
  type PaddedSource,
  paddedSource,
  productsPerNanosecond,
  roundUp4,
  stepsOf,
  triple,
} from "./paddedSource.ts";
import { cutsPatches, type InputGradientArguments, patchInputGradientCall } from "./patchCalls.ts";
import { sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import { type Call, cut, cutSamples, type Invocation, type Stage, type Task } from "./work.ts";
import type { Workspace } from "./workspace.ts";

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
  if (cutsPatches(geometry))
    return patchInputGradientCall(workspace, window, { dy, dx, kernel, accumulate });
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

const stages = (...all: readonly Stage[]): Stage[] => all.filter(({ length }) => length > 0);
