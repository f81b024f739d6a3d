import { sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import { cut, type Invocation, type Range, type Stage, type Task } from "./work.ts";
import type { Workspace } from "./workspace.ts";

/** Where a task begins. */
export interface Start {
  readonly place: number;
  readonly channel: number;
}

/** Address of a place and channel of the whole batch. */
export const addressAt = (view: TensorView, { place, channel }: Start): number =>
  view.address + place * view.step + 4 * channel;

/** A kernel without neighbours, cut along places, or along channels where there is one place. */
export function pointwise(
  workspace: Workspace,
  places: number,
  channels: number,
  invocation: (start: Start, counts: readonly [places: number, channels: number]) => Invocation,
): Stage {
  const pieces = workspace.pieces(places * channels);
  return places === 1
    ? cut(channels, pieces, 4).map(({ from, to }) => [
        invocation({ place: 0, channel: from }, [1, to - from]),
      ])
    : cut(places, pieces).map(({ from, to }) => [
        invocation({ place: from, channel: 0 }, [to - from, channels]),
      ]);
}

/** A kernel that treats every channel of every sample alone. */
export function channelwise(
  workspace: Workspace,
  view: TensorView,
  task: (sample: number, channels: Range) => Task,
): Stage {
  const { batch, channels } = view;
  const pieces = workspace.pieces(2 * batch * channels * volumeOf(view.size));
  // Whole samples where there are enough, else a few channels each.
  const ranges = cut(channels, Math.ceil(pieces / batch), 4);
  const all = Array.from({ length: batch }, (_, n) => ranges.map((range) => task(n, range))).flat();
  return workspace.sharing.threads === 1 ? [all.flat()] : all;
}

/** Address of the first of some channels of a sample. */
export const channelAddress = (view: TensorView, sample: number, { from }: Range): number =>
  sampleAddress(view, sample) + 4 * from;
