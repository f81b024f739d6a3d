import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { StopSignal } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { METHOD_VERSION } from "#core/results/result.ts";
import type { Streams } from "../command.ts";
import type { CohortView } from "../pool/poolMessages.ts";
import { startProcesses } from "../pool/startProcesses.ts";
import { whyNotThisCohort } from "./cohortDifference.ts";
import { type QueuedExperiment, queuedExperiments } from "./queuedExperiments.ts";
import { connectRedis } from "./redisConnection.ts";
import { Station, type StationOptions } from "./station.ts";

export interface WorkOptions extends StationOptions {
  readonly cohort: string;
  /** A `cohort.json` to use instead of the folder's own. */
  readonly settings?: string | undefined;
  /** Folder that outlives the worker; one that machines share lets any of them go on. */
  readonly checkpoints?: string;
  readonly workers: number;
  readonly threads?: number;
  readonly backend: DeviceChoice;
  /** Ends when no experiment waits, instead of waiting for the next. */
  readonly untilEmpty: boolean;
}

/** Milliseconds between two looks for experiments. */
const LOOK_EVERY = 1000;

/**
 * Runs trials of experiments that wait in Redis, on the cohort of a folder, until stopped.
 *
 * @returns true: nothing waits any more
 * @throws what `signal.throwIfAborted` throws when it was stopped; the trials under way go back
 *   to the queue
 * @throws PlannerError "cohort" when experiments wait, but none for the cohort in the folder
 */
export async function work(
  options: WorkOptions,
  { log }: Streams,
  signal: StopSignal,
): Promise<boolean> {
  const say = (text: string) => void log.write(`${text}\n`);
  const redis = await connectRedis(options.redis, say);
  const { processes, ready, dispose } = await startProcesses({
    cohort: resolve(options.cohort),
    settings: options.settings,
    backend: options.backend,
    workers: options.workers,
    threads: options.threads,
    ...(options.checkpoints === undefined ? {} : { checkpoints: resolve(options.checkpoints) }),
  });
  say(`${processes.length} training processes, cohort ${ready.cohort.id}; ${ready.device}`);
  const station = new Station(options, processes, say, signal);
  try {
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      const next = await nextExperiment(redis, ready.cohort, isFirst);
      if (next !== "away") await station.turnTo(next);
      if (next === null && options.untilEmpty) return true;
      await wait(LOOK_EVERY);
      station.throwIfBroken();
    }
  } finally {
    await station.turnTo(null);
    dispose();
    redis.disconnect();
  }
}

/**
 * The experiment to work on.
 *
 * @param isFirst - whether a cohort that fits none is worth an end: later, others may come
 */
async function nextExperiment(
  redis: Redis,
  cohort: CohortView,
  isFirst: boolean,
): Promise<QueuedExperiment | null | "away"> {
  const { readable, unreadable } = await queuedExperiments(redis).catch(() => ({
    readable: null,
    unreadable: [],
  }));
  if (!readable) return "away";
  const fitting = readable.find(
    (one) => one.cohort.id === cohort.id && one.methodVersion === METHOD_VERSION,
  );
  if (fitting) return fitting;
  const [other] = readable;
  if (isFirst && other) throw new PlannerError("cohort", whyNotThisCohort(other, cohort));
  const [broken] = unreadable;
  if (isFirst && broken) {
    const { fingerprint, why } = broken;
    throw new PlannerError("results", `experiment ${fingerprint} cannot be read: ${why}`);
  }
  return null;
}
