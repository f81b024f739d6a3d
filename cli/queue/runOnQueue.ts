import { setTimeout as wait } from "node:timers/promises";
import type { Queue } from "bullmq";
import type { StopSignal } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import type { Trial } from "#core/experiment/trial.ts";
import { parseResult, type TrialResult } from "#core/results/result.ts";
import type { ResultStore } from "#core/results/resultStore.ts";
import { setAside } from "../pool/runPool.ts";
import type { Watcher } from "../runTrials.ts";
import {
  announceExperiment,
  type QueuedExperiment,
  trialQueue,
  withdrawExperiment,
} from "./queuedExperiments.ts";
import { connectRedis } from "./redisConnection.ts";

/** Milliseconds between two looks for results. */
const LOOK_EVERY = 300;

/** Milliseconds after which the queue is filled again: a restarted Redis may have lost jobs. */
const FILL_EVERY = 5000;

export interface QueueRun {
  /** Address of the Redis. */
  readonly redis: string;
  readonly queued: Omit<QueuedExperiment, "methodVersion">;
  readonly store: ResultStore;
  readonly watcher: Watcher;
  readonly signal: StopSignal;
  say(text: string): void;
}

/**
 * Puts trials on the queue that no run put there before, and keeps every result that workers
 * give back. Whatever happens to workers or Redis, each trial has one result in the end; a
 * result that comes twice is kept once.
 *
 * @throws what `signal.throwIfAborted` throws when it was stopped: trials stay on the queue,
 *   workers go on, and the next call gathers what they did
 * @throws PlannerError "storage" when no Redis answers at first, or a result cannot be kept
 */
export async function runOnQueue(trials: readonly Trial[], run: QueueRun): Promise<void> {
  const { queued, signal, say } = run;
  const redis = await connectRedis(run.redis, say);
  const queue = trialQueue(redis, queued.fingerprint);
  const open = new Map(trials.map((trial) => [trial.id, trial]));
  try {
    await forgetFailures(queue, open);
    let filled = Number.NEGATIVE_INFINITY;
    while (open.size > 0) {
      signal.throwIfAborted();
      try {
        if (performance.now() - filled > FILL_EVERY) {
          await announceExperiment(redis, queued);
          await fill(queue, open);
          filled = performance.now();
        }
        await gather(queue, open, run);
      } catch (error) {
        // Redis is away or still loading: its connection says so, and comes back.
        if (error instanceof PlannerError) throw error;
        filled = Number.NEGATIVE_INFINITY;
      }
      if (open.size > 0) await wait(LOOK_EVERY);
    }
    await withdrawExperiment(redis, queued.fingerprint);
    await queue.obliterate({ force: true });
  } finally {
    await queue.close().catch(() => undefined);
    redis.disconnect();
  }
}

type OpenTrials = Map<string, Trial>;

/** Trials that failed in an earlier run are tried anew in this one. */
async function forgetFailures(queue: Queue, open: OpenTrials): Promise<void> {
  for (const id of await queue.getRanges(["failed", "completed"], 0, -1)) {
    const job = open.has(id) ? await queue.getJob(id) : undefined;
    const result = job ? (job.returnvalue as { status?: unknown } | null) : null;
    if (job && result?.status !== "done") await job.remove();
  }
}

async function fill(queue: Queue, open: OpenTrials): Promise<void> {
  const jobs = [...open.keys()].map((id) => ({ name: id, data: {}, opts: { jobId: id } }));
  await queue.addBulk(jobs);
}

async function gather(queue: Queue, open: OpenTrials, { queued, store, watcher }: QueueRun) {
  for (const state of ["completed", "failed"] as const) {
    for (const id of await queue.getRanges([state], 0, -1, true)) {
      const trial = open.get(id);
      const job = trial && (await queue.getJob(id));
      if (!job) continue;
      // A completed job may still carry the reason why an earlier try failed.
      const result =
        state === "completed"
          ? resultOf(job.returnvalue, trial, queued.fingerprint)
          : setAside(trial, queued.fingerprint, job.failedReason ?? "unknown");
      await store.put(result);
      open.delete(id);
      watcher.end(result);
    }
  }
}

/** What a worker gave back; what is no result of the trial becomes a failed one's reason. */
function resultOf(value: unknown, trial: Trial, fingerprint: string): TrialResult {
  try {
    const result = parseResult(value);
    if (result.trial === trial.id && result.experiment === fingerprint) return result;
    return setAside(trial, fingerprint, `a worker gave the result of ${result.trial}`);
  } catch (error) {
    return setAside(trial, fingerprint, error);
  }
}
