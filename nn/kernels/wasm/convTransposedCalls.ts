import { cutBefore } from "../convTransposed/convTransposed.reference.ts";
import type { Triple } from "../places.ts";
import { convFilterGradientCall, convForwardCall, convInputGradientCall } from "./convCalls.ts";
import { activationCall } from "./opCalls.ts";
import type { ConvGeometry } from "./paddedSource.ts";
import { pointwise } from "./shares.ts";
import { type TensorView, volumeOf } from "./tensorView.ts";
import { type Call, cut, type Stage, type Task } from "./work.ts";
import type { Workspace } from "./workspace.ts";

// A transposed convolution is the input gradient of a convolution whose filter has its
// channels exchanged, and the other way round.

/** Kernel size and stride per depth, height and width. */
export interface TransposedWindow {
  readonly window: Triple;
  readonly stride: Triple;
}

const geometryOf = ({ window, stride }: TransposedWindow): ConvGeometry => ({
  ...{ window, stride, dilation: [1, 1, 1] },
  before: [
    cutBefore(window[0], stride[0]),
    cutBefore(window[1], stride[1]),
    cutBefore(window[2], stride[2]),
  ],
});

interface ForwardArguments {
  readonly x: TensorView;
  readonly y: TensorView;
  /** [..window, in, out] */
  readonly kernel: number;
  /** 0 for none. */
  readonly bias: number;
  readonly slope: number;
}

/** y = activation(transposed conv(x) + bias) */
export function convTransposedForwardCall(
  workspace: Workspace,
  shape: TransposedWindow,
  { x, y, kernel, bias, slope }: ForwardArguments,
): Call {
  const taps = volumeOf(shape.window);
  const exchanged = workspace.table(new Float32Array(taps * x.channels * y.channels));
  const spread = { dy: x, dx: y, kernel: exchanged, accumulate: bias !== 0 };
  const convolve = convInputGradientCall(workspace, geometryOf(shape), spread);
  const activate = activationCall(workspace, y, y, slope);
  const places = y.batch * volumeOf(y.size);
  return () => {
    const exchange = exchangeStage(workspace, kernel, exchanged, {
      ...{ taps, from: x.channels, to: y.channels },
    });
    const fill = pointwise(workspace, places, y.channels, ({ place, channel }, counts) => [
      "activation",
      ...[bias + 4 * channel, 0],
      ...[y.address + place * y.step + 4 * channel, y.step, ...counts, 1],
    ]);
    return [
      bias ? [...exchange, ...fill] : exchange,
      ...convolve(),
      ...(slope === 1 ? [] : activate()),
    ];
  };
}

interface InputGradientArguments {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly kernel: number;
  readonly accumulate: boolean;
}

/** dx = the transpose of the transposed convolution of dy, or that added to dx. */
export function convTransposedInputGradientCall(
  workspace: Workspace,
  shape: TransposedWindow,
  { dy, dx, kernel, accumulate }: InputGradientArguments,
): Call {
  const taps = volumeOf(shape.window);
  const exchanged = workspace.table(new Float32Array(taps * dx.channels * dy.channels));
  const gather = { x: dy, y: dx, kernel: exchanged, bias: 0, slope: 1, accumulate };
  const convolve = convForwardCall(workspace, geometryOf(shape), gather);
  const counts = { taps, from: dx.channels, to: dy.channels };
  return () => [exchangeStage(workspace, kernel, exchanged, counts), ...convolve()];
}

interface FilterGradientArguments {
  readonly x: TensorView;
  readonly dy: TensorView;
  readonly dKernel: number;
  /** 0 for none. */
  readonly dBias: number;
}

/** Adds to the gradients of kernel and bias. */
export function convTransposedFilterGradientCall(
  workspace: Workspace,
  shape: TransposedWindow,
  { x, dy, dKernel, dBias }: FilterGradientArguments,
): Call {
  const taps = volumeOf(shape.window);
  const length = taps * x.channels * dy.channels;
  const exchanged = workspace.table(new Float32Array(length));
  const gather = { x: dy, dy: x, dKernel: exchanged, dBias: 0 };
  const convolve = convFilterGradientCall(workspace, geometryOf(shape), gather);
  const places = dy.batch * volumeOf(dy.size);
  const each = 4 * x.channels * dy.channels;
  return () => {
    const biases = cut(dy.channels, workspace.pieces(places * dy.channels), 4).map(
      ({ from, to }): Task => [
        ["sumPlaces", dy.address + 4 * from, dy.step, places, to - from, dBias + 4 * from],
      ],
    );
    const adds = cut(taps, workspace.pieces(length)).map(
      ({ from, to }): Task =>
        Array.from({ length: to - from }, (_, i) => {
          const offset = (from + i) * each;
          return ["swapAxes", exchanged + offset, dKernel + offset, dy.channels, x.channels, 1, 1];
        }),
    );
    const clear: Task = [["clear", exchanged, 0, 1, length]];
    return [dBias ? [clear, ...biases] : [clear], ...convolve(), adds];
  };
}

/** [taps, from, to] -> [taps, to, from] */
function exchangeStage(
  workspace: Workspace,
  kernel: number,
  exchanged: number,
  { taps, from, to }: { taps: number; from: number; to: number },
): Stage {
  const each = from * to;
  return cut(taps, workspace.pieces(taps * each)).map(
    (range): Task =>
      Array.from({ length: range.to - range.from }, (_, i) => {
        const offset = (range.from + i) * each * 4;
        return ["swapAxes", kernel + offset, exchanged + offset, from, to, 1, 0];
      }),
  );
}
