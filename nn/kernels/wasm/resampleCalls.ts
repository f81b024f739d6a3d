import type { Taps } from "../resample/resample.reference.ts";
import type { TensorView } from "./tensorView.ts";
import { type Call, cut } from "./work.ts";
import type { Workspace } from "./workspace.ts";

interface Mix {
  readonly x: TensorView;
  readonly y: TensorView;
  /** Spatial axis: 0 depth, 1 height, 2 width. */
  readonly axis: 0 | 1 | 2;
  /** Of each place of y along the axis. */
  readonly taps: readonly Taps[];
  readonly accumulate: boolean;
}

/** y = x mixed along one axis, or that added to y. */
export function mixAxisCall(workspace: Workspace, { x, y, axis, taps, accumulate }: Mix): Call {
  const flat = taps.flat();
  const words = new Int32Array(taps.length + 1 + 2 * flat.length);
  const shares = new Float32Array(words.buffer, 4 * (taps.length + 1 + flat.length));
  let start = 0;
  for (const [i, row] of taps.entries()) {
    words[i] = start;
    start += row.length;
  }
  words[taps.length] = start;
  for (const [i, [place, share]] of flat.entries()) {
    words[taps.length + 1 + i] = place;
    shares[i] = share;
  }
  const table = workspace.table(words);
  const inner = x.size.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = x.batch * x.size.slice(0, axis).reduce((a, b) => a * b, 1);
  const [from, to] = [x.size[axis], y.size[axis]];
  const each = (to * inner * x.channels * flat.length) / Math.max(1, to);
  return () => [
    cut(outer, workspace.pieces(outer * each)).map((range) => [
      [
        "mixAxis",
        ...[x.address + range.from * from * inner * x.step, x.step],
        ...[y.address + range.from * to * inner * y.step, y.step, table, flat.length],
        ...[range.to - range.from, from, to, inner, x.channels, accumulate ? 1 : 0],
      ],
    ]),
  ];
}
