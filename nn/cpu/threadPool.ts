import { PlannerError } from "#core/errors.ts";
import { secondsNow } from "../clock.ts";
import {
  createSharedMemory,
  kernelsOn,
  type WasmKernels,
  type WasmMemory,
  type WasmModule,
} from "../kernels/wasm/wasmKernels.ts";
import type { Stage } from "../kernels/wasm/work.ts";
import { type Sharing, unshared } from "../kernels/wasm/workspace.ts";
import { bind, type Executor, type Program } from "./executor.ts";
import { Pace } from "./pace.ts";
import {
  controlWords,
  patience,
  type ThreadAnswer,
  type ThreadMessage,
  takeTicket,
  word,
} from "./threadControl.ts";

/** A thread as its owner sees it; `kernelThread` answers at the other end. */
export interface ThreadPort {
  post(message: unknown): void;
  /** `onFailure`: it did not start, or broke down. */
  listen(onMessage: (message: unknown) => void, onFailure: (reason: string) => void): void;
  end(): void;
}

/** How many threads share the work, and where they come from. */
export interface Threads {
  /** The calling thread counts. */
  readonly count: number;
  readonly spawn: () => ThreadPort;
  /** Nanoseconds, as in `Sharing`. */
  readonly smallestPiece?: number;
}

interface SharedDevice {
  readonly id: number;
  readonly kernels: WasmKernels;
  readonly memory: WasmMemory;
}

/** A thread that holds a task and says nothing for this long is taken for dead. */
const silenceLimit = 60_000;

/**
 * Threads that run the tasks of programs together with the one that calls, which must be
 * allowed to wait: a worker, or any thread of Node.
 */
export class ThreadPool {
  readonly #ports: readonly ThreadPort[];
  readonly #module: WasmModule;
  readonly #sharing: Sharing;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #free: SharedDevice[] = [];
  #ids = 0;
  #isBroken = false;

  private constructor(
    ports: readonly ThreadPort[],
    module: WasmModule,
    control: Int32Array<SharedArrayBuffer>,
    sharing: Sharing,
  ) {
    this.#ports = ports;
    this.#module = module;
    this.#control = control;
    this.#sharing = sharing;
  }

  /** @throws Error that says why, when a thread does not start */
  static async start(module: WasmModule, threads: Threads): Promise<ThreadPool> {
    const { count, spawn, smallestPiece = unshared.smallestPiece } = threads;
    const ports: ThreadPort[] = [];
    try {
      const control = new Int32Array(new SharedArrayBuffer(4 * controlWords));
      const start: ThreadMessage = { kind: "start", control: control.buffer, module };
      while (ports.length < count - 1) ports.push(spawn());
      await Promise.all(ports.map((port) => started(port, start)));
      return new ThreadPool(ports, module, control, { threads: count, smallestPiece });
    } catch (error) {
      for (const port of ports) port.end();
      throw error;
    }
  }

  /** How work is cut for these threads. */
  get sharing(): Sharing {
    return this.#sharing;
  }

  /** A cleared memory that every thread knows. */
  lend(): Executor {
    const device = this.#free.pop() ?? this.#created();
    // Memories stay: shared ones are freed late, since every thread has to drop them.
    const { kernels, memory } = device;
    new Uint8Array(memory.buffer).fill(0, kernels.firstFree());
    return {
      ...{ kernels, memory, sharing: this.#sharing },
      prepare: (stages) => this.#prepare(device, stages),
      dispose: () => void this.#free.push(device),
    };
  }

  dispose(): void {
    this.#isBroken = true;
    this.#free.length = 0;
    for (const port of this.#ports) port.end();
  }

  #created(): SharedDevice {
    const memory = createSharedMemory();
    const device = { id: ++this.#ids, memory, kernels: kernelsOn(this.#module, memory) };
    this.#post({ kind: "memory", id: device.id, memory });
    return device;
  }

  #post(message: ThreadMessage): void {
    for (const port of this.#ports) port.post(message);
    Atomics.add(this.#control, word.posted, 1);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#control, word.wake, 1);
    if (Atomics.load(this.#control, word.sleepers)) Atomics.notify(this.#control, word.wake);
  }

  #prepare({ id: memory, kernels }: SharedDevice, stages: readonly Stage[]): Program {
    const id = ++this.#ids;
    const tasks = stages.flat();
    this.#post({ kind: "program", id, memory, tasks });
    const bound = tasks.map((task) => bind(kernels, task));
    let end = 0;
    const steps = stages.map(({ length }) => {
      const from = end;
      end += length;
      const own = bound.slice(from, end);
      return length > 1 ? () => this.#share(id, from, own) : () => own[0]?.();
    });
    const pace = new Pace();
    return {
      run: () => {
        const way = pace.next() ? steps : bound;
        const started = secondsNow();
        for (const step of way) step();
        pace.note(secondsNow() - started);
      },
      dispose: () => this.#post({ kind: "forget", id }),
    };
  }

  /** Runs the tasks of one stage, of which the first is task `first` of the program. */
  #share(program: number, first: number, tasks: readonly (() => void)[]): void {
    if (this.#isBroken) throw broken("a thread of the CPU path has ended");
    const control = this.#control;
    const start = Atomics.load(control, word.limit);
    const limit = (start + tasks.length) | 0;
    Atomics.store(control, word.program, program);
    Atomics.store(control, word.base, (start - first) | 0);
    Atomics.store(control, word.limit, limit);
    this.#wake();
    for (;;) {
      const ticket = takeTicket(control, limit);
      if (ticket === null) break;
      tasks[(ticket - start) | 0]?.();
      Atomics.add(control, word.done, 1);
    }
    this.#awaitDone(limit);
  }

  #awaitDone(limit: number): void {
    const control = this.#control;
    for (let turn = 0; Atomics.load(control, word.done) !== limit; turn++) {
      if (turn < patience) continue;
      Atomics.store(control, word.isAwaited, 1);
      const done = Atomics.load(control, word.done);
      const isSilent =
        done !== limit && Atomics.wait(control, word.done, done, silenceLimit) === "timed-out";
      Atomics.store(control, word.isAwaited, 0);
      if (isSilent) this.#break("a thread of the CPU path stopped answering");
    }
    if (Atomics.load(control, word.failed)) this.#break("a thread of the CPU path failed");
  }

  #break(what: string): never {
    this.dispose();
    throw broken(what);
  }
}

const broken = (what: string) => new PlannerError("device", `${what}; start the trial again`);

function started(port: ThreadPort, start: ThreadMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    port.listen(
      (message) => {
        const answer = message as ThreadAnswer;
        if (answer.kind === "ready") resolve();
        else reject(new Error(answer.reason));
      },
      (reason) => reject(new Error(reason)),
    );
    port.post(start);
  });
}
