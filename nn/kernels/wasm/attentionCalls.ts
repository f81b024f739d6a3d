import { sampleAddress, type TensorView, volumeOf } from "./tensorView.ts";
import { type Call, cut, type Invocation, type Stage } from "./work.ts";
import type { Workspace } from "./workspace.ts";

/** Tensors of an attention; statistics: 4 floats for each query and head. */
export interface AttentionTensors {
  readonly query: TensorView;
  readonly key: TensorView;
  readonly value: TensorView;
  readonly statistics: TensorView;
  readonly heads: number;
}

/** y, and what the gradients need of it. */
export function attentionForwardCall(
  workspace: Workspace,
  tensors: AttentionTensors,
  y: TensorView,
): Call {
  const { query, key, value, statistics } = tensors;
  const plan = planHeads(workspace, {
    tensors,
    side: query,
    line: placesOf(key),
    lines: 1,
    rows: 4,
  });
  return () =>
    plan(
      ({ at, lines }) => [transpose(at(key), key, lines[0] ?? 0, plan.size, plan.line)],
      ({ at, lines: [keysT = 0], rows, statisticsAt }, from, to) => [
        "attentionForward",
        ...[at(query), query.step, keysT, at(value), value.step, at(y), y.step],
        ...[statisticsAt, statistics.step, rows, from, to],
        ...[placesOf(key), plan.line, plan.size, plan.factor],
      ],
    );
}

/** The gradient by the queries; completes the statistics. */
export function attentionQueryCall(
  workspace: Workspace,
  tensors: AttentionTensors,
  { dy, dx, accumulate }: GradientTensors,
): Call {
  const { query, key, value, statistics } = tensors;
  const plan = planHeads(workspace, {
    tensors,
    side: query,
    line: placesOf(key),
    lines: 2,
    rows: 8,
  });
  return () =>
    plan(
      ({ at, lines: [keysT = 0, valuesT = 0] }) => [
        transpose(at(key), key, keysT, plan.size, plan.line),
        transpose(at(value), value, valuesT, plan.size, plan.line),
      ],
      ({ at, lines: [keysT = 0, valuesT = 0], rows, statisticsAt }, from, to) => [
        "attentionQuery",
        ...[at(query), query.step, keysT, at(key), key.step, valuesT, at(dy), dy.step],
        ...[at(dx), dx.step, statisticsAt, statistics.step, rows, from, to],
        ...[placesOf(key), plan.line, plan.size, plan.factor, accumulate ? 1 : 0],
      ],
    );
}

/** The gradient by the keys, or by the values. */
export function attentionKeyCall(
  workspace: Workspace,
  tensors: AttentionTensors,
  { dy, dx, accumulate, isValue }: GradientTensors & { readonly isValue: boolean },
): Call {
  const { query, key, value, statistics } = tensors;
  const queries = placesOf(query);
  const plan = planHeads(workspace, { tensors, side: key, line: queries, lines: 3, rows: 8 });
  return () =>
    plan(
      ({ at, lines: [queriesT = 0, gradientsT = 0, columns = 0], statisticsAt }) => [
        transpose(at(query), query, queriesT, plan.size, plan.line),
        transpose(at(dy), dy, gradientsT, plan.size, plan.line),
        ["attentionLines", statisticsAt, statistics.step, columns, queries, plan.line],
      ],
      ({ at, lines: [queriesT = 0, gradientsT = 0, columns = 0], rows }, from, to) => [
        "attentionKey",
        ...[at(query), query.step, queriesT, at(key), key.step, at(value), value.step],
        ...[at(dy), dy.step, gradientsT, at(dx), dx.step, columns, rows, from, to],
        ...[queries, plan.line, plan.size, plan.factor, accumulate ? 1 : 0, isValue ? 1 : 0],
      ],
    );
}

interface GradientTensors {
  readonly dy: TensorView;
  readonly dx: TensorView;
  readonly accumulate: boolean;
}

const placesOf = ({ size }: TensorView): number => volumeOf(size);

const transpose = (
  from: number,
  { step, size }: TensorView,
  to: number,
  channels: number,
  line: number,
): Invocation => ["transposePlaces", from, step, to, volumeOf(size), channels, line];

/** One head of one sample. */
interface HeadPlace {
  /** Address of the head's first channel of the sample. */
  at(view: TensorView): number;
  readonly statisticsAt: number;
  /** Addresses of matrices of \`line\` columns. */
  readonly lines: readonly number[];
  /** Scratch of the task's own. */
  readonly rows: number;
}

/** Heads that are worked on at the same time have scratch of their own; the others take turns. */
const mostSlots = 64;

/**
 * Runs all heads of all samples: first what brings matrices into scratch, then the places of
 * `side` in tasks.
 */
function planHeads(
  workspace: Workspace,
  options: {
    readonly tensors: AttentionTensors;
    readonly side: TensorView;
    readonly line: number;
    readonly lines: number;
    readonly rows: number;
  },
) {
  const { tensors, side, rows } = options;
  const { query, statistics, heads } = tensors;
  const size = query.channels / heads;
  const line = Math.ceil(options.line / 8) * 8;
  const all = side.batch * heads;
  const isShared = workspace.sharing.threads > 1;
  const slots = isShared ? Math.min(all, mostSlots) : 1;
  const places = placesOf(side);
  const each = (2 * rows * places * line * size) / (4 * productsPerNanosecond);
  const ranges = cut(places, Math.ceil(workspace.pieces(each * slots) / slots), 4);
  const matrix = Math.max(size, 3) * line;
  const scratch = workspace.scratch(
    slots * options.lines * matrix,
    slots * ranges.length * rows * line,
  );
  const headAt = (index: number, task: number): HeadPlace => {
    const [sample, head] = [Math.floor(index / heads), index % heads];
    const slot = index % slots;
    const [lines, rowsAt] = scratch();
    return {
      at: (view) => sampleAddress(view, sample) + 4 * head * size,
      statisticsAt: sampleAddress(statistics, sample) + 16 * head,
      lines: Array.from(
        { length: options.lines },
        (_, i) => lines + 4 * (slot * options.lines + i) * matrix,
      ),
      rows: rowsAt + 4 * (slot * ranges.length + task) * rows * line,
    };
  };
  const run = (
    load: (place: HeadPlace) => Invocation[],
    work: (place: HeadPlace, from: number, to: number) => Invocation,
  ): Stage[] =>
    Array.from({ length: Math.ceil(all / slots) }, (_, group) => {
      const heads = Array.from(
        { length: Math.min(slots, all - group * slots) },
        (_, i) => group * slots + i,
      );
      return [
        heads.map((index) => load(headAt(index, 0))),
        heads.flatMap((index) =>
          ranges.map(({ from, to }, task) => [work(headAt(index, task), from, to)]),
        ),
      ];
    }).flat();
  return Object.assign(run, { size, line, factor: 1 / Math.sqrt(size) });
}

const productsPerNanosecond = 5;
