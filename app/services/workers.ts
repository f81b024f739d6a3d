import { PlannerError } from "#core/errors.ts";
import { type Endpoint, type JobRunner, type RunOptions, WorkerClient } from "#workers/client.ts";
import type { JobName, Jobs } from "#workers/protocol.ts";

/** The part of Worker that is used here. */
export interface WorkerLike extends Endpoint {
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  terminate(): void;
}

/** How long a worker may take to stop a cancelled job before it is replaced. */
const PATIENCE_SECONDS = 20;

/**
 * A worker that starts with its first job and is replaced after it died: jobs under way
 * fail, the next one gets a new worker.
 */
export class RestartingWorker implements JobRunner {
  readonly #spawn: () => WorkerLike;
  readonly #patienceSeconds: number;
  #current: { readonly worker: WorkerLike; readonly client: WorkerClient } | null = null;

  constructor(spawn: () => WorkerLike, patienceSeconds = PATIENCE_SECONDS) {
    this.#spawn = spawn;
    this.#patienceSeconds = patienceSeconds;
  }

  /**
   * @throws PlannerError "device" when the worker died or did not stop when asked to;
   *   otherwise as `WorkerClient.run`
   */
  async run<J extends JobName>(
    job: J,
    input: Jobs[J]["input"],
    options: RunOptions<J> = {},
  ): Promise<Jobs[J]["output"]> {
    const current = this.#start();
    const { signal } = options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const beImpatient = () => {
      timer = setTimeout(
        () => this.#replace(current.client, "the work did not stop when asked to, so it was ended"),
        this.#patienceSeconds * 1000,
      );
    };
    signal?.addEventListener("abort", beImpatient, { once: true });
    try {
      return await current.client.run(job, input, options);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", beImpatient);
    }
  }

  #start(): { readonly client: WorkerClient } {
    if (this.#current) return this.#current;
    const worker = this.#spawn();
    const client = new WorkerClient(worker);
    const died = (why: string) => this.#replace(client, why);
    worker.onerror = (event) => {
      event.preventDefault?.();
      const detail = event.message ? ` (${event.message})` : "";
      died(`the background worker stopped unexpectedly${detail}; try again`);
    };
    worker.onmessageerror = () =>
      died("the background worker sent something unreadable and was ended; try again");
    this.#current = { worker, client };
    return this.#current;
  }

  #replace(client: WorkerClient, why: string): void {
    if (this.#current?.client !== client) return;
    const { worker } = this.#current;
    this.#current = null;
    worker.terminate();
    client.close(new PlannerError("device", why));
  }
}

/** Sends each job to the worker that `choose` names, once that is known. */
export function routed(choose: Promise<JobRunner>): JobRunner {
  return {
    run: async (job, input, options) => (await choose).run(job, input, options),
  };
}
