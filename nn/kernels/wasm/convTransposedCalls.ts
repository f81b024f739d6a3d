import type { Triple } from "../places.ts";
import {
  type Call,
  type ConvGeometry,
  convFilterGradientCall,
  convForwardCall,
  convInputGradientCall,
} from "./convCalls.ts";
import { activationCall } from "./opCalls.ts";
import { type TensorView, volumeOf } from "./tensorView.ts";
import type { WasmKernels } from "./wasmKernels.ts";
import type { Workspace } from "./workspace.ts";

// A transposed convolution is the input gradient of a convolution whose filter has its
// channels exchanged, and the other way round.

/** Of kernel = stride = `window`. */
const geometryOf = (window: Triple): ConvGeometry => ({
  ...{ window, stride: window, dilation: [1, 1, 1], before: [0, 0, 0] },
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
  kernels: WasmKernels,
  workspace: Workspace,
  window: Triple,
  { x, y, kernel, bias, slope }: ForwardArguments,
): Call {
  const taps = volumeOf(window);
  const exchanged = workspace.table(new Float32Array(taps * x.channels * y.channels));
  const spread = { dy: x, dx: y, kernel: exchanged, accumulate: bias !== 0 };
  const convolve = convInputGradientCall(kernels, workspace, geometryOf(window), spread);
  const activate = activationCall(kernels, y, y, slope);
  const places = y.batch * volumeOf(y.size);
  return () => {
    exchangeChannels(kernels, kernel, exchanged, { taps, from: x.channels, to: y.channels });
    if (bias) kernels.activation(bias, 0, y.address, y.step, places, y.channels, 1);
    convolve();
    if (slope !== 1) activate();
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
  kernels: WasmKernels,
  workspace: Workspace,
  window: Triple,
  { dy, dx, kernel, accumulate }: InputGradientArguments,
): Call {
  const taps = volumeOf(window);
  const exchanged = workspace.table(new Float32Array(taps * dx.channels * dy.channels));
  const gather = { x: dy, y: dx, kernel: exchanged, bias: 0, slope: 1, accumulate };
  const convolve = convForwardCall(kernels, workspace, geometryOf(window), gather);
  return () => {
    exchangeChannels(kernels, kernel, exchanged, { taps, from: dx.channels, to: dy.channels });
    convolve();
  };
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
  kernels: WasmKernels,
  workspace: Workspace,
  window: Triple,
  { x, dy, dKernel, dBias }: FilterGradientArguments,
): Call {
  const taps = volumeOf(window);
  const length = taps * x.channels * dy.channels;
  const exchanged = workspace.table(new Float32Array(length));
  const gather = { x: dy, dy: x, dKernel: exchanged, dBias: 0 };
  const convolve = convFilterGradientCall(kernels, workspace, geometryOf(window), gather);
  const places = dy.batch * volumeOf(dy.size);
  const each = 4 * x.channels * dy.channels;
  return () => {
    kernels.clear(exchanged, 0, 1, length);
    convolve();
    for (let tap = 0; tap < taps; tap++) {
      const [from, to] = [exchanged + tap * each, dKernel + tap * each];
      kernels.swapAxes(from, to, dy.channels, x.channels, 1, 1);
    }
    if (dBias) kernels.sumPlaces(dy.address, dy.step, places, dy.channels, dBias);
  };
}

/** [taps, from, to] -> [taps, to, from] */
function exchangeChannels(
  kernels: WasmKernels,
  kernel: number,
  exchanged: number,
  { taps, from, to }: { taps: number; from: number; to: number },
): void {
  const each = 4 * from * to;
  for (let tap = 0; tap < taps; tap++)
    kernels.swapAxes(kernel + tap * each, exchanged + tap * each, from, to, 1, 0);
}
