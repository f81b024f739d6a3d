import { PlannerError } from "#core/errors.ts";
import { plannerErrorOf, replyOf } from "./messages.ts";
import type { ErrorRecord, JobId, JobName, Jobs, Reply, Request } from "./protocol.ts";

/** The half of Worker and MessagePort that the client needs. */
export interface Endpoint {
  postMessage(message: Request, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
}

/** Holds jobs between two steps and lets them go on; one may serve many jobs in turn. */
export class Hold {
  #isHeld = false;
  readonly #listeners = new Set<(isHeld: boolean) => void>();

  get isHeld(): boolean {
    return this.#isHeld;
  }

  set(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    for (const listener of [...this.#listeners]) listener(isHeld);
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: (isHeld: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export interface RunOptions<J extends JobName> {
  /** Aborting asks the job to stop at its next step. */
  readonly signal?: AbortSignal;
  readonly hold?: Hold;
  readonly transfer?: Transferable[];
  readonly onProgress?: (progress: Jobs[J]["progress"]) => void;
}

/** Runs jobs somewhere else. */
export interface JobRunner {
  run<J extends JobName>(
    job: J,
    input: Jobs[J]["input"],
    options?: RunOptions<J>,
  ): Promise<Jobs[J]["output"]>;
}

interface Pending {
  settle(reply: Reply): void;
  abandon(reason: Error): void;
}

/** Calls jobs on one worker. */
export class WorkerClient implements JobRunner {
  #nextId: JobId = 1;
  #closed: Error | null = null;
  readonly #pending = new Map<JobId, Pending>();
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    endpoint.onmessage = ({ data }) => {
      const reply = replyOf(data);
      if (reply) this.#pending.get(reply.id)?.settle(reply);
    };
  }

  /** Fails every job under way and to come: the worker crashed or was terminated. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const job of [...this.#pending.values()]) job.abandon(reason);
  }

  /**
   * Runs one job. An aborted job settles when the worker has stopped it, so that what is
   * started next never shares the worker with what should be gone.
   *
   * @throws PlannerError whatever the job threw, with its code
   * @throws AbortError when `signal` was aborted and the job stopped
   */
  run<J extends JobName>(
    job: J,
    input: Jobs[J]["input"],
    { signal, hold, transfer = [], onProgress }: RunOptions<J> = {},
  ): Promise<Jobs[J]["output"]> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    const id = this.#nextId++;
    const send = (type: "cancel" | "pause" | "resume") =>
      this.#endpoint.postMessage({ type, id }, []);
    return new Promise((resolve, reject) => {
      const cancel = () => send("cancel");
      const letGo = hold?.subscribe((isHeld) => send(isHeld ? "pause" : "resume"));
      const finish = () => {
        this.#pending.delete(id);
        signal?.removeEventListener("abort", cancel);
        letGo?.();
      };
      this.#pending.set(id, {
        // `id` was paired with `job` above, so a reply to `id` has J's types: the one place
        // where the protocol is asserted rather than checked.
        settle: (reply) => {
          if (reply.type === "progress") {
            onProgress?.(reply.progress as Jobs[J]["progress"]);
            return;
          }
          finish();
          if (reply.type === "done") resolve(reply.output as Jobs[J]["output"]);
          else reject(signal?.aborted ? abortReason(signal) : errorOf(reply.error));
        },
        abandon: (reason) => {
          finish();
          reject(reason);
        },
      });
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        this.#endpoint.postMessage({ type: "start", id, job, input } as Request, transfer);
      } catch (cause) {
        finish();
        reject(new PlannerError("argument", `the input of ${job} cannot be sent`, { cause }));
        return;
      }
      if (hold?.isHeld) send("pause");
    });
  }
}

/** Whether a job ended because somebody asked for it. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function abortReason(signal: AbortSignal): Error {
  const { reason } = signal;
  if (isAbort(reason)) return reason;
  return Object.assign(new Error("stopped"), { name: "AbortError", cause: reason });
}

function errorOf(record: ErrorRecord): Error {
  const planned = plannerErrorOf(record);
  if (planned) return planned;
  const { name, message, stack } = record;
  return Object.assign(new Error(message), { name }, stack ? { stack } : {});
}
