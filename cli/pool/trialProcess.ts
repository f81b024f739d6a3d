import { type ChildProcess, fork } from "node:child_process";
import type { StopSignal } from "#core/context.ts";
import { type ErrorCode, messageOf, PlannerError } from "#core/errors.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import { parseResult, type TrialResult } from "#core/results/result.ts";
import { type CohortView, type PoolReply, type PoolRequest, parseReply } from "./poolMessages.ts";
import type { ServeOptions } from "./serveTrials.ts";

/** The process that ran a trial ended before the trial did; another try may go better. */
export class ProcessDied extends Error {}

/** The built `trialServer.ts` lies beside what is built of this file. */
const server = new URL("./trialServer.js", import.meta.url);

/** Milliseconds between two looks whether a trial was stopped. */
const LOOK_EVERY = 50;

/** What a process says of itself once its cohort is read. */
export type Ready = Extract<PoolReply, { type: "ready" }>;

/**
 * A process that trains: its faults, a crash of the GPU's driver or too little memory among
 * them, end it and not the caller. A process that ended is started anew with the next trial.
 */
export class TrialProcess {
  readonly #options: ServeOptions;
  #running: Promise<Running> | null = null;
  #wasReady = false;

  constructor(options: ServeOptions) {
    this.#options = options;
  }

  /**
   * Starts the process if there is none.
   *
   * @returns its cohort and device
   * @throws PlannerError when it cannot read the cohort, has no device, or ended instead
   */
  async ready(): Promise<{ readonly cohort: CohortView; readonly device: string }> {
    return (await this.#process()).ready;
  }

  /**
   * @returns the trial's result; status "failed" when it went wrong
   * @throws what `signal.throwIfAborted` throws when it was stopped
   * @throws PlannerError when nothing can be run there
   * @throws ProcessDied when the process ended before the trial
   */
  async run(
    experiment: Experiment,
    trial: Trial,
    signal: StopSignal,
    report: (progress: TrialProgress) => void,
  ): Promise<TrialResult> {
    signal.throwIfAborted();
    const { child, replies } = await this.#process();
    send(child, { type: "run", experiment, trial: trial.id });
    const look = setInterval(() => {
      if (signal.aborted) send(child, { type: "stop" });
    }, LOOK_EVERY);
    try {
      for (;;) {
        const reply = await replies.next();
        if (reply.type === "progress") report(reply.progress);
        else if (reply.type === "result") return parseResult(reply.result);
        else if (reply.type === "unable") throw errorOf(reply);
        else if (reply.type === "stopped") signal.throwIfAborted();
      }
    } finally {
      clearInterval(look);
    }
  }

  /** Ends the process at once; a trial under way is lost. */
  dispose(): void {
    const running = this.#running;
    this.#running = null;
    running?.then(({ child }) => child.kill("SIGKILL")).catch(() => undefined);
  }

  #process(): Promise<Running> {
    if (this.#running) return this.#running;
    const running = start(this.#options, () => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running.then(
      (ready) => {
        this.#wasReady = true;
        return ready;
      },
      (error: unknown) => {
        if (this.#running === running) this.#running = null;
        // What ends at its first start will end again; later it is chance, or the trial's doing.
        if (!this.#wasReady && error instanceof ProcessDied) {
          throw new PlannerError("device", `${error.message} while it read the cohort`);
        }
        throw error;
      },
    );
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly replies: Replies;
  readonly ready: Ready;
}

async function start(
  { cohort, backend, threads, settings, checkpoints }: ServeOptions,
  ended: () => void,
): Promise<Running> {
  const options = ["--cohort", cohort, "--backend", backend, "--threads", String(threads)];
  if (settings !== undefined) options.push("--settings", settings);
  if (checkpoints !== undefined) options.push("--checkpoints", checkpoints);
  const child = fork(server, options, { stdio: ["ignore", 2, 2, "ipc"] });
  const replies = new Replies();
  child.on("message", (message) => replies.add(message));
  const over = (how: string) => {
    ended();
    replies.end(new ProcessDied(`the training process ended (${how})`));
  };
  child.on("error", (error) => over(messageOf(error)));
  child.on("exit", (code, signal) => over(signal ?? `exit code ${code}`));
  const first = await replies.next();
  if (first.type === "ready") return { child, replies, ready: first };
  child.kill("SIGKILL");
  if (first.type === "unable") throw errorOf(first);
  throw new PlannerError("device", `the training process began with "${first.type}"`);
}

/** Replies in the order they came, until the process ended. */
class Replies {
  readonly #waiting: PoolReply[] = [];
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  add(message: unknown): void {
    try {
      this.#waiting.push(parseReply(message));
    } catch (error) {
      this.#error ??= error as Error;
    }
    this.#wake?.();
  }

  end(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }

  async next(): Promise<PoolReply> {
    for (;;) {
      const reply = this.#waiting.shift();
      if (reply) return reply;
      if (this.#error) throw this.#error;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }
}

/** A process that is going down closes its channel first; its end is told by "exit". */
function send(child: ChildProcess, request: PoolRequest): void {
  if (child.connected) child.send(request, () => undefined);
}

const codes = new Set<string>([
  "argument",
  "format",
  "cohort",
  "experiment",
  "results",
  "device",
  "divergence",
  "storage",
] satisfies ErrorCode[]);

function errorOf({ code, message }: Extract<PoolReply, { type: "unable" }>): PlannerError {
  return new PlannerError(codes.has(code) ? (code as ErrorCode) : "device", message);
}
