import { type ConnectionOptions, Queue } from "bullmq";
import type { Redis } from "ioredis";
import * as v from "valibot";
import { messageOf } from "#core/errors.ts";
import { type Experiment, parseExperiment } from "#core/experiment/experiment.ts";
import { METHOD_VERSION } from "#core/results/result.ts";
import { type CohortView, parseCohortView } from "../pool/poolMessages.ts";
import { MOST_TRIES } from "../pool/runPool.ts";

/** An experiment whose trials wait in Redis. */
export interface QueuedExperiment {
  /** `experimentFingerprint`: also the name of its queue. */
  readonly fingerprint: string;
  readonly experiment: Experiment;
  /** Every machine must hold this one. */
  readonly cohort: CohortView;
  /** Programs of another version would give other numbers. */
  readonly methodVersion: string;
}

/** What of a record can be read, and what of the others cannot. */
export interface QueuedExperiments {
  /** In the order of their fingerprints. */
  readonly readable: readonly QueuedExperiment[];
  readonly unreadable: readonly { readonly fingerprint: string; readonly why: string }[];
}

const PREFIX = "slicewise";
const EXPERIMENTS = `${PREFIX}:experiments`;

const record = v.object({
  methodVersion: v.string(),
  experiment: v.unknown(),
  cohort: v.unknown(),
});

/** Announces an experiment to workers; one of the same fingerprint may have a larger grid. */
export async function announceExperiment(
  redis: Redis,
  { fingerprint, experiment, cohort }: Omit<QueuedExperiment, "methodVersion">,
): Promise<void> {
  const text = JSON.stringify({ methodVersion: METHOD_VERSION, experiment, cohort });
  await redis.hset(EXPERIMENTS, fingerprint, text);
}

/** Takes an experiment off the list; workers turn to another. */
export async function withdrawExperiment(redis: Redis, fingerprint: string): Promise<void> {
  await redis.hdel(EXPERIMENTS, fingerprint);
}

/** Every experiment that waits for workers. */
export async function queuedExperiments(redis: Redis): Promise<QueuedExperiments> {
  const readable: QueuedExperiment[] = [];
  const unreadable: { fingerprint: string; why: string }[] = [];
  const texts = Object.entries(await redis.hgetall(EXPERIMENTS));
  for (const [fingerprint, text] of texts.sort(([a], [b]) => (a < b ? -1 : 1))) {
    try {
      const { methodVersion, experiment, cohort } = v.parse(record, JSON.parse(text));
      readable.push({
        fingerprint,
        methodVersion,
        experiment: parseExperiment(experiment),
        cohort: parseCohortView(cohort),
      });
    } catch (error) {
      unreadable.push({ fingerprint, why: messageOf(error) });
    }
  }
  return { readable, unreadable };
}

/** The name of the queue of an experiment's trials. */
export const queueName = (fingerprint: string): string => `trials-${fingerprint}`;

/** What queue and workers must agree on. */
export const queuePlace = (connection: ConnectionOptions) => ({ connection, prefix: PREFIX });

/**
 * The queue of an experiment's trials: a job's id is its trial's, so a trial stands in it once
 * however often it is added. Failed trials are tried again at once, without a delay that the
 * clock of one machine would decide on.
 */
export function trialQueue(redis: Redis, fingerprint: string): Queue {
  const queue = new Queue(queueName(fingerprint), {
    ...queuePlace(redis),
    defaultJobOptions: { attempts: MOST_TRIES },
  });
  // The connection says itself when it is lost.
  queue.on("error", () => undefined);
  return queue;
}
