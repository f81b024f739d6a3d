import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import type { TrialProgress } from "#core/results/progress.ts";
import { type QueuedExperiment, queuedExperiments, trialQueue } from "./queuedExperiments.ts";

/** How an experiment on the queue goes. */
export interface QueueStatus {
  readonly name: string;
  readonly fingerprint: string;
  readonly cohort: string;
  /** Trials by state; `failed` were set aside after three tries. */
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly workers: number;
  /** Trials finished per hour, over the last of them; null before two are finished. */
  readonly perHour: number | null;
  /** Seconds until nothing waits, at that rate; null while unknown. */
  readonly etaSeconds: number | null;
  readonly underWay: readonly { readonly trial: string; readonly progress: TrialProgress | null }[];
  readonly failures: readonly { readonly trial: string; readonly error: string }[];
}

/** Finished trials that the rate is taken from. */
const RATE_OVER = 50;

/** The state of every experiment that waits in Redis. */
export async function queueStatus(redis: Redis): Promise<QueueStatus[]> {
  const { readable } = await queuedExperiments(redis);
  const all: QueueStatus[] = [];
  for (const queued of readable) all.push(await statusOf(redis, queued));
  return all;
}

async function statusOf(
  redis: Redis,
  { fingerprint, experiment, cohort }: QueuedExperiment,
): Promise<QueueStatus> {
  const queue = trialQueue(redis, fingerprint);
  try {
    const counts = await queue.getJobCounts(
      "waiting",
      "prioritized",
      "active",
      "completed",
      "failed",
    );
    const [active, failed, recent, workers] = await Promise.all([
      queue.getJobs(["active"]),
      queue.getJobs(["failed"]),
      queue.getJobs(["completed"], 0, RATE_OVER - 1),
      queue.getWorkersCount(),
    ]);
    const waiting = (counts["waiting"] ?? 0) + (counts["prioritized"] ?? 0);
    const running = counts["active"] ?? 0;
    const perHour = rateOf(recent.flatMap(({ finishedOn }) => finishedOn ?? []));
    return {
      name: experiment.name,
      fingerprint,
      cohort: cohort.id,
      waiting,
      running,
      done: counts["completed"] ?? 0,
      failed: counts["failed"] ?? 0,
      workers,
      perHour,
      etaSeconds: perHour ? ((waiting + running) / perHour) * 3600 : null,
      underWay: active.map((job) => ({ trial: job.name, progress: progressOf(job) })),
      failures: failed.map((job) => ({ trial: job.name, error: job.failedReason ?? "unknown" })),
    };
  } finally {
    await queue.close().catch(() => undefined);
  }
}

/** @param finished - milliseconds since 1970 */
function rateOf(finished: readonly number[]): number | null {
  const span = Math.max(...finished) - Math.min(...finished);
  return finished.length < 2 || span <= 0 ? null : ((finished.length - 1) / span) * 3_600_000;
}

function progressOf({ progress }: Job): TrialProgress | null {
  return typeof progress === "object" && "phase" in progress ? (progress as TrialProgress) : null;
}
