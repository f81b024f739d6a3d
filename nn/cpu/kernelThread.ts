import { messageOf } from "#core/errors.ts";
import { kernelsOn, type WasmKernels, type WasmModule } from "../kernels/wasm/wasmKernels.ts";
import { bind } from "./executor.ts";
import {
  patience,
  type ThreadAnswer,
  type ThreadMessage,
  takeTicket,
  word,
} from "./threadControl.ts";

type Control = Int32Array<SharedArrayBuffer>;

/**
 * The other end of a `ThreadPort`: call the result with each message that arrives, one at a
 * time. Calls return when there is a message to be read.
 */
export function kernelThread(answer: (message: ThreadAnswer) => void): (data: unknown) => void {
  let thread: KernelThread | null = null;
  return (data) => {
    const message = data as ThreadMessage;
    if (thread && message.kind !== "start") {
      thread.take(message);
      thread.work();
      return;
    }
    if (message.kind !== "start") return;
    try {
      thread = new KernelThread(new Int32Array(message.control), message.module);
      answer({ kind: "ready" });
    } catch (error) {
      answer({ kind: "refused", reason: messageOf(error) });
    }
  };
}

class KernelThread {
  readonly #control: Control;
  readonly #module: WasmModule;
  readonly #kernels = new Map<number, WasmKernels>();
  readonly #programs = new Map<number, readonly (() => void)[]>();
  #taken = 0;

  constructor(control: Control, module: WasmModule) {
    this.#control = control;
    this.#module = module;
  }

  take(message: Exclude<ThreadMessage, { kind: "start" }>): void {
    this.#taken++;
    if (message.kind === "forget") this.#programs.delete(message.id);
    if (message.kind === "memory")
      this.#kernels.set(message.id, kernelsOn(this.#module, message.memory));
    if (message.kind === "program") {
      const kernels = this.#kernels.get(message.memory);
      if (kernels)
        this.#programs.set(
          message.id,
          message.tasks.map((task) => bind(kernels, task)),
        );
    }
  }

  /** Runs tasks until there is a message to be read. */
  work(): void {
    const control = this.#control;
    for (let turn = 0; ; turn++) {
      // In this order: what is new after `wake` was read ends the sleep, and the programs of
      // all tickets below `limit` were posted before it.
      const wake = Atomics.load(control, word.wake);
      const limit = Atomics.load(control, word.limit);
      if (Atomics.load(control, word.posted) !== this.#taken) return;
      const ticket = takeTicket(control, limit);
      if (ticket !== null) {
        this.#run(ticket);
        turn = 0;
      } else if (turn >= patience) {
        Atomics.add(control, word.sleepers, 1);
        Atomics.wait(control, word.wake, wake);
        Atomics.sub(control, word.sleepers, 1);
        turn = 0;
      }
    }
  }

  #run(ticket: number): void {
    const control = this.#control;
    const tasks = this.#programs.get(Atomics.load(control, word.program));
    const task = tasks?.[(ticket - Atomics.load(control, word.base)) | 0];
    try {
      if (!task) throw new RangeError(`ticket ${ticket} must be of a known program`);
      task();
    } catch {
      Atomics.store(control, word.failed, 1);
    }
    Atomics.add(control, word.done, 1);
    if (Atomics.load(control, word.isAwaited)) Atomics.notify(control, word.done);
  }
}
