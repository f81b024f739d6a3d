import type { WasmKernels } from "./wasmKernels.ts";

/** Kernels that only write memory. */
export type KernelName = Exclude<keyof WasmKernels, "lossAndGradient" | "firstFree">;

/** One run of a kernel: its name and arguments. */
export type Invocation = readonly [kernel: KernelName, ...parameters: number[]];

/** Runs of kernels one after the other, by one thread. */
export type Task = readonly Invocation[];

/**
 * Tasks that may run in any order and at the same time: none writes what another reads or
 * writes. How work is cut into tasks never changes a bit of the result.
 */
export type Stage = readonly Task[];

/**
 * A step of a plan: its stages in order, to be asked for once every step of the plan has been
 * made, since scratch lies behind everything else.
 */
export type Call = () => Stage[];

/** Whole numbers [from, to). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Ranges that make up [0, count), about equally long, each starting at a multiple of `grain`. */
export function cut(count: number, pieces: number, grain = 1): Range[] {
  const units = Math.ceil(count / grain);
  const used = Math.max(1, Math.min(pieces, units));
  const bound = (piece: number) => Math.min(count, Math.floor((piece * units) / used) * grain);
  return Array.from({ length: used }, (_, i) => ({ from: bound(i), to: bound(i + 1) }));
}

/**
 * The places of several samples in about `pieces` tasks of neighbours.
 *
 * @param grain - a task starts at a multiple of this in its sample
 */
export function cutSamples(
  samples: Range,
  places: number,
  { pieces, grain }: { pieces: number; grain: number },
  invocation: (sample: number, range: Range) => Invocation,
): Task[] {
  const padded = Math.ceil(places / grain) * grain;
  return cut((samples.to - samples.from) * padded, pieces, grain).map(({ from, to }) => {
    const task: Invocation[] = [];
    for (let at = from; at < to; ) {
      const sample = Math.floor(at / padded);
      const end = Math.min(to, (sample + 1) * padded);
      const range = { from: at - sample * padded, to: Math.min(places, end - sample * padded) };
      task.push(invocation(samples.from + sample, range));
      at = end;
    }
    return task;
  });
}
