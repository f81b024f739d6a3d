import type { WasmMemory, WasmModule } from "../kernels/wasm/wasmKernels.ts";
import type { Task } from "../kernels/wasm/work.ts";

// Tasks are handed out by tickets, numbers that only grow: a thread owns the ticket it moved
// `next` past, so that none runs twice, and one that overslept finds nothing left to take.
// Numbers wrap around; they are compared by difference.

/** Words that threads share, each in a cache line of its own. */
export const word = {
  /** First ticket that nobody took. */
  next: 0,
  /** First ticket that may not be taken yet. */
  limit: 16,
  /** Tickets that are done. */
  done: 32,
  /** Which program the tickets are of, and the ticket of its task 0. */
  program: 48,
  base: 49,
  /** Messages sent to every thread so far. */
  posted: 64,
  /** Changes whenever there is something new. */
  wake: 80,
  sleepers: 96,
  /** 1 while the leading thread sleeps until `done` changes. */
  isAwaited: 112,
  /** 1 after a kernel failed on some thread. */
  failed: 128,
} as const;

export const controlWords = 144;

/** Looks around this often before a thread sleeps: about as long as a task takes. */
export const patience = 10_000;

/** What the leading thread tells the others. */
export type ThreadMessage =
  | { readonly kind: "start"; readonly control: SharedArrayBuffer; readonly module: WasmModule }
  | { readonly kind: "memory"; readonly id: number; readonly memory: WasmMemory }
  | {
      readonly kind: "program";
      readonly id: number;
      readonly memory: number;
      readonly tasks: readonly Task[];
    }
  | { readonly kind: "forget"; readonly id: number };

/** What a thread answers to "start". */
export type ThreadAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly reason: string };

/** @returns a ticket below `limit` that is now this thread's, or null when none is left */
export function takeTicket(control: Int32Array<SharedArrayBuffer>, limit: number): number | null {
  for (;;) {
    const next = Atomics.load(control, word.next);
    if (((limit - next) | 0) <= 0) return null;
    if (Atomics.compareExchange(control, word.next, next, (next + 1) | 0) === next) return next;
  }
}
