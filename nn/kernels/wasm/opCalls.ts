import type { Triple } from "../places.ts";
import { linearTaps } from "../upsample/upsample.reference.ts";
import type { Call } from "./convCalls.ts";
import { flatExtent, sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import type { WasmKernels } from "./wasmKernels.ts";
import type { Workspace } from "./workspace.ts";

/** y = activation(x): x above zero, slope * x elsewhere; slope 1 copies. */
export function activationCall(
  kernels: WasmKernels,
  x: TensorView,
  y: TensorView,
  slope: number,
): Call {
  const { places, channels } = flatExtent(x, y);
  return () => kernels.activation(x.address, x.step, y.address, y.step, places, channels, slope);
}

/** dx += dy */
export function addToCall(kernels: WasmKernels, dy: TensorView, dx: TensorView): Call {
  const { places, channels } = flatExtent(dy, dx);
  return () => kernels.addTo(dy.address, dy.step, dx.address, dx.step, places, channels);
}

/** dx *= slope where y is not above zero */
export function maskCall(kernels: WasmKernels, dx: TensorView, y: TensorView, slope: number): Call {
  const { places, channels } = flatExtent(dx, y);
  return () =>
    kernels.maskGradient(dx.address, dx.step, y.address, y.step, places, channels, slope);
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
  kernels: WasmKernels,
  { x, y, statistics, scale, shift, slope }: NormForwardArguments,
): Call {
  const places = volumeOf(x.size);
  return () => {
    for (let n = 0; n < x.batch; n++) {
      kernels.normForward(
        ...[sampleAddress(x, n), x.step, sampleAddress(y, n), y.step],
        ...[statistics + n * 12 * x.channels, scale, shift, places, x.channels, slope],
      );
    }
  };
}

interface NormForwardArguments extends NormAddresses {
  readonly x: TensorView;
  readonly y: TensorView;
  readonly shift: number;
  readonly slope: number;
}

/** Writes or adds to dx; adds to the gradients of scale and shift. */
export function normBackwardCall(
  kernels: WasmKernels,
  { x, dy, dx, statistics, scale, dScale, dShift, accumulate }: NormBackwardArguments,
): Call {
  const places = volumeOf(x.size);
  return () => {
    for (let n = 0; n < x.batch; n++) {
      kernels.normBackward(
        ...[
          sampleAddress(x, n),
          x.step,
          sampleAddress(dy, n),
          dy.step,
          sampleAddress(dx, n),
          dx.step,
        ],
        ...[statistics + n * 12 * x.channels, scale, dScale, dShift],
        ...[places, x.channels, accumulate ? 1 : 0],
      );
    }
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
  kernels: WasmKernels,
  x: TensorView,
  y: TensorView,
  isDeep: boolean,
): Call {
  return () => {
    for (let n = 0; n < x.batch; n++) {
      kernels.maxPoolForward(
        ...[sampleAddress(x, n), x.step, sampleAddress(y, n), y.step],
        ...[...x.size, x.channels, isDeep ? 1 : 0],
      );
    }
  };
}

/** dy to the first largest of each window. */
export function maxPoolBackwardCall(
  kernels: WasmKernels,
  { x, dy, dx, isDeep, accumulate }: MaxPoolBackwardArguments,
): Call {
  return () => {
    for (let n = 0; n < x.batch; n++) {
      kernels.maxPoolBackward(
        ...[
          sampleAddress(x, n),
          x.step,
          sampleAddress(dy, n),
          dy.step,
          sampleAddress(dx, n),
          dx.step,
        ],
        ...[...x.size, x.channels, isDeep ? 1 : 0, accumulate ? 1 : 0],
      );
    }
  };
}

interface MaxPoolBackwardArguments {
  readonly x: TensorView;
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly isDeep: boolean;
  readonly accumulate: boolean;
}

/** Linear interpolation from the places of x to those of y. */
export function upsampleForwardCall(
  kernels: WasmKernels,
  workspace: Workspace,
  x: TensorView,
  y: TensorView,
): Call {
  const tables = resizeTables(workspace, x.size, y.size);
  const scratch = lineScratch(workspace, x);
  return () => {
    const [line] = scratch();
    for (let n = 0; n < x.batch; n++) {
      kernels.upsampleForward(
        ...[sampleAddress(x, n), x.step, sampleAddress(y, n), y.step, line, ...tables],
        ...[x.size[1], x.size[2], ...y.size, x.channels],
      );
    }
  };
}

/** The transpose of the interpolation. */
export function upsampleBackwardCall(
  kernels: WasmKernels,
  workspace: Workspace,
  { dy, dx, accumulate }: UpsampleBackwardArguments,
): Call {
  const tables = resizeTables(workspace, dx.size, dy.size);
  const scratch = lineScratch(workspace, dx);
  return () => {
    const [line] = scratch();
    for (let n = 0; n < dx.batch; n++) {
      kernels.upsampleBackward(
        ...[sampleAddress(dy, n), dy.step, sampleAddress(dx, n), dx.step, line, ...tables],
        ...[...dx.size, ...dy.size, dx.channels, accumulate ? 1 : 0],
      );
    }
  };
}

interface UpsampleBackwardArguments {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly accumulate: boolean;
}

const lineScratch = (workspace: Workspace, x: TensorView) =>
  workspace.scratch(x.size[2] * Math.ceil(x.channels / 4) * 4);

function resizeTables(workspace: Workspace, from: Triple, to: Triple): Triple {
  const table = (axis: 0 | 1 | 2): number => {
    const taps = Array.from({ length: to[axis] }, (_, i) => linearTaps(i, from[axis], to[axis]));
    const words = new Int32Array(3 * to[axis]);
    const shares = new Float32Array(words.buffer, 8 * to[axis]);
    taps.forEach(([low, high], i) => {
      words[i] = low?.[0] ?? 0;
      words[to[axis] + i] = high?.[0] ?? 0;
      shares[i] = high?.[1] ?? 0;
    });
    return workspace.table(words);
  };
  return [table(0), table(1), table(2)];
}
