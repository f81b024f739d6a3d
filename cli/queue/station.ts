import { type Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { StopSignal } from "#core/context.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import { expandExperiment, type Trial } from "#core/experiment/trial.ts";
import type { TrialResult } from "#core/results/result.ts";
import { MOST_TRIES } from "../pool/runPool.ts";
import type { TrialProcess } from "../pool/trialProcess.ts";
import { describeResult } from "../progressLine.ts";
import { type QueuedExperiment, queueName, queuePlace } from "./queuedExperiments.ts";

export interface StationOptions {
  /** Address of the Redis. */
  readonly redis: string;
  /** Seconds without a sign of life after which a trial goes to another worker. */
  readonly lease: number;
}

/** Works on one experiment at a time, as many trials side by side as there are processes. */
export class Station {
  readonly #options: StationOptions;
  readonly #idle: TrialProcess[];
  readonly #say: (text: string) => void;
  readonly #signal: StopSignal;
  #current: { readonly fingerprint: string; readonly worker: Worker } | null = null;
  #trials = new Map<string, { readonly trial: Trial; readonly queued: QueuedExperiment }>();
  #broken: unknown = null;

  constructor(
    options: StationOptions,
    processes: readonly TrialProcess[],
    say: (text: string) => void,
    signal: StopSignal,
  ) {
    this.#options = options;
    this.#idle = [...processes];
    this.#say = say;
    this.#signal = signal;
  }

  /** Also takes notice of an experiment that grew. */
  async turnTo(next: QueuedExperiment | null): Promise<void> {
    if (next) {
      this.#trials = new Map(
        expandExperiment(next.experiment).map((trial) => [trial.id, { trial, queued: next }]),
      );
    }
    if (next?.fingerprint === this.#current?.fingerprint) return;
    const before = this.#current;
    this.#current = null;
    await before?.worker.close();
    if (!next) return;
    this.#say(`works on "${next.experiment.name}" (${next.fingerprint})`);
    this.#current = { fingerprint: next.fingerprint, worker: this.#workOn(next) };
  }

  throwIfBroken(): void {
    if (this.#broken !== null) throw this.#broken;
  }

  #workOn({ fingerprint }: QueuedExperiment): Worker {
    const lease = this.#options.lease * 1000;
    const worker = new Worker(queueName(fingerprint), (job, token) => this.#run(job, token), {
      ...queuePlace({ url: this.#options.redis, maxRetriesPerRequest: null }),
      concurrency: this.#idle.length,
      lockDuration: lease,
      stalledInterval: lease,
      maxStalledCount: MOST_TRIES - 1,
    });
    // The connection says itself when it is lost; a trial whose lease ran out is run elsewhere.
    worker.on("error", () => undefined);
    return worker;
  }

  async #run(job: Job, token: string | undefined): Promise<TrialResult> {
    const process = this.#idle.pop();
    try {
      if (process && !this.#hasEnded()) return await this.#attempt(job, process);
    } catch (error) {
      // Nothing can be trained on here: the trial is not to blame.
      if (error instanceof PlannerError && !this.#signal.aborted) this.#broken = error;
      if (!this.#hasEnded()) {
        this.#say(`${job.id}: ${messageOf(error)}`);
        throw error;
      }
    } finally {
      if (process) this.#idle.push(process);
    }
    await job.moveToWait(token);
    throw new WaitingError();
  }

  #hasEnded(): boolean {
    return this.#signal.aborted || this.#broken !== null;
  }

  async #attempt(job: Job, process: TrialProcess): Promise<TrialResult> {
    const known = this.#trials.get(job.id ?? "");
    if (!known) throw new UnrecoverableError(`${job.id} is no trial of the experiment`);
    const { experiment, fingerprint } = known.queued;
    // What an earlier try reported is no longer so.
    await job.updateProgress({ phase: "prepare", step: 0, steps: 1 });
    const result = await process.run(experiment, known.trial, this.#signal, (progress) => {
      job.updateProgress(progress).catch(() => undefined);
    });
    if (result.experiment !== fingerprint) {
      throw new UnrecoverableError(`the worker's experiment is ${result.experiment}`);
    }
    this.#say(describeResult(result));
    const isLast = job.attemptsMade + 1 >= MOST_TRIES;
    if (result.status === "failed" && !isLast) throw new Error(result.error ?? "failed");
    return result;
  }
}
