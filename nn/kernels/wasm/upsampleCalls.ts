import type { Triple } from "../places.ts";
import { linearTaps } from "../upsample/upsample.reference.ts";
import { channelAddress, channelwise } from "./shares.ts";
import type { TensorView } from "./tensorView.ts";
import type { Call, Range } from "./work.ts";
import type { Workspace } from "./workspace.ts";

/** Linear interpolation from the places of x to those of y. */
export function upsampleForwardCall(workspace: Workspace, x: TensorView, y: TensorView): Call {
  const tables = resizeTables(workspace, x.size, y.size);
  const line = lineScratch(workspace, x);
  return () => [
    channelwise(workspace, y, (n, range) => [
      [
        "upsampleForward",
        ...[channelAddress(x, n, range), x.step],
        ...[channelAddress(y, n, range), y.step, line(n, range), ...tables],
        ...[x.size[1], x.size[2], ...y.size, range.to - range.from],
      ],
    ]),
  ];
}

/** The transpose of the interpolation. */
export function upsampleBackwardCall(
  workspace: Workspace,
  { dy, dx, accumulate }: UpsampleBackwardArguments,
): Call {
  const tables = resizeTables(workspace, dx.size, dy.size);
  const line = lineScratch(workspace, dx);
  return () => [
    channelwise(workspace, dy, (n, range) => [
      [
        "upsampleBackward",
        ...[channelAddress(dy, n, range), dy.step],
        ...[channelAddress(dx, n, range), dx.step, line(n, range), ...tables],
        ...[...dx.size, ...dy.size, range.to - range.from, accumulate ? 1 : 0],
      ],
    ]),
  ];
}

interface UpsampleBackwardArguments {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly accumulate: boolean;
}

/** A line of its own for everything that may run at the same time. */
function lineScratch(workspace: Workspace, x: TensorView): (n: number, range: Range) => number {
  const each = Math.ceil((x.size[2] * Math.ceil(x.channels / 4) * 4) / 16) * 16;
  const slots = workspace.sharing.threads === 1 ? 1 : x.batch;
  const scratch = workspace.scratch(slots * each);
  return (n, { from }) => scratch()[0] + 4 * ((n % slots) * each + x.size[2] * from);
}

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
