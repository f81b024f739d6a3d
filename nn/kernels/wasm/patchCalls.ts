import type { Triple } from "../places.ts";
import {
  type ConvGeometry,
  paddedSource,
  productsPerNanosecond,
  roundUp4,
  roundUp16,
  slackFloats,
  stepsOf,
} from "./paddedSource.ts";
import { sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import { type Call, cutSamples, type Task } from "./work.ts";
import type { Workspace } from "./workspace.ts";

/** Whether every place belongs to one window at most. */
export const cutsPatches = ({ window, stride, dilation, before }: ConvGeometry): boolean =>
  volumeOf(window) > 1 &&
  ([0, 1, 2] as const).every(
    (axis) => window[axis] === stride[axis] && dilation[axis] === 1 && before[axis] === 0,
  );

/** Patches as rows of a matrix product, then each value to its place. */
export function patchInputGradientCall(
  workspace: Workspace,
  window: Triple,
  { dy, dx, kernel, accumulate }: InputGradientArguments,
): Call {
  const ones: Triple = [1, 1, 1];
  const columns = volumeOf(window) * dx.channels;
  const places = volumeOf(dy.size);
  const packedLength = roundUp16(dy.channels * roundUp4(columns) + slackFloats);
  const slots = workspace.sharing.threads > 1 ? dy.batch : 1;
  const each = roundUp16(places * columns);
  const unit: ConvGeometry = { window: ones, stride: ones, dilation: ones, before: [0, 0, 0] };
  const source = paddedSource(workspace, unit, dy, dy.size, packedLength + slots * each);
  const covers = ([0, 1, 2] as const).every(
    (axis) => dx.size[axis] === dy.size[axis] * window[axis],
  );
  const target = volumeOf(dx.size);
  return () => {
    const patches = (sample: number) =>
      source.extra() + 4 * (packedLength + (sample % slots) * each);
    const pack: Task = [["packTransposed", kernel, source.extra(), 1, columns, dy.channels]];
    const clear = samplesOf(dx).map(
      (n): Task => [["clear", sampleAddress(dx, n), dx.step, target, dx.channels]],
    );
    const first = accumulate || covers ? [pack] : [pack, ...clear];
    const groups = source.groups.flatMap((samples) => {
      const work = (samples.to - samples.from) * places;
      const products = workspace.pieces((work * columns * dy.channels) / productsPerNanosecond);
      const options = { pieces: products, grain: 4 };
      const steps = stepsOf(source, ones);
      const multiply = cutSamples(samples, places, options, (sample, { from, to }) => [
        "convForward",
        ...[source.address(sample), source.extra(), 0, patches(sample)],
        ...[source.taps, source.runs, source.run, columns, 4 * columns, dy.size[1], dy.size[2]],
        ...[...steps, from, to, 1, 0],
      ]);
      const pieces = { pieces: workspace.pieces(work * columns), grain: 1 };
      const spread = cutSamples(samples, places, pieces, (sample, { from, to }) => [
        "spreadPatches",
        ...[patches(sample), sampleAddress(dx, sample), dx.step, dx.channels, from, to],
        ...[dy.size[1], dy.size[2], ...window, dx.size[1], dx.size[2], accumulate ? 1 : 0],
      ]);
      return [multiply, spread];
    });
    return [first, ...groups];
  };
}

const samplesOf = ({ batch }: TensorView): number[] => Array.from({ length: batch }, (_, n) => n);

/** Tensors of an input gradient and the address of the kernel. */
export interface InputGradientArguments {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly kernel: number;
  readonly accumulate: boolean;
}
