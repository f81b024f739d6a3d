import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf, PlannerError } from "#core/errors.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { expandExperiment } from "#core/experiment/trial.ts";
import { EXPERIMENT_FILE } from "#core/results/openedResults.ts";
import type { Streams } from "./command.ts";
import { describeSeconds } from "./progressLine.ts";
import { type QueueStatus, queueStatus } from "./queue/queueStatus.ts";
import { connectRedis } from "./queue/redisConnection.ts";
import { readResults } from "./readResults.ts";

export interface StatusOptions {
  readonly redis?: string;
  readonly json?: boolean;
}

/** How far an output folder is. */
export interface FolderStatus {
  readonly name: string;
  readonly fingerprint: string;
  readonly trials: number;
  readonly done: number;
  readonly failed: number;
  /** Seconds of training for what is left on one device, by the mean of what was done. */
  readonly secondsLeft: number | null;
  readonly failures: readonly { readonly trial: string; readonly error: string }[];
}

/**
 * Prints how the runs on a queue, or in an output folder, go.
 *
 * @throws PlannerError "argument" unless exactly one of the two is named
 */
export async function status(
  folder: string | undefined,
  { redis, json }: StatusOptions,
  { out, log }: Streams,
): Promise<void> {
  const say = (text: string) => void log.write(`${text}\n`);
  if ((folder === undefined) === (redis === undefined)) {
    throw new PlannerError("argument", "status must be asked of an output folder or of --redis");
  }
  if (folder !== undefined) {
    const one = await folderStatus(resolve(folder));
    out.write(json ? `${JSON.stringify(one, null, 2)}\n` : folderText(one));
    return;
  }
  const connection = await connectRedis(redis ?? "", say);
  try {
    const all = await queueStatus(connection);
    out.write(json ? `${JSON.stringify(all, null, 2)}\n` : queueText(all));
  } finally {
    connection.disconnect();
  }
}

/** @throws PlannerError "results" when the folder is no output folder of a run */
export async function folderStatus(folder: string): Promise<FolderStatus> {
  const path = join(folder, EXPERIMENT_FILE);
  let copy: Record<string, unknown>;
  try {
    copy = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new PlannerError(
      "results",
      `${path} cannot be read (${messageOf(error)}); name the output folder of a run`,
      { cause: error },
    );
  }
  const experiment = parseExperiment(copy);
  const trials = new Set(expandExperiment(experiment).map(({ id }) => id));
  const results = (await readResults(folder)).filter(({ trial }) => trials.has(trial));
  const done = results.filter((one) => one.status === "done");
  const failed = results.filter((one) => one.status === "failed");
  const seconds = done.reduce((sum, one) => sum + one.seconds, 0);
  return {
    name: experiment.name,
    fingerprint: String(copy["fingerprint"] ?? ""),
    trials: trials.size,
    done: done.length,
    failed: failed.length,
    secondsLeft: done.length ? (seconds / done.length) * (trials.size - done.length) : null,
    failures: failed.map(({ trial, error }) => ({ trial, error: error ?? "unknown" })),
  };
}

function folderText(one: FolderStatus): string {
  const left =
    one.secondsLeft === null ? "" : `, ${describeSeconds(one.secondsLeft)} of training left`;
  const head = `${one.name}: ${one.done} of ${one.trials} trials done, ${one.failed} failed${left}`;
  return `${[head, ...failureLines(one.failures)].join("\n")}\n`;
}

function queueText(all: readonly QueueStatus[]): string {
  if (all.length === 0) return "nothing waits\n";
  return `${all.map(experimentText).join("\n\n")}\n`;
}

function experimentText(one: QueueStatus): string {
  const rate =
    one.perHour === null ? "rate not known yet" : `${one.perHour.toFixed(1)} trials per hour`;
  const eta = one.etaSeconds === null ? "" : `, about ${describeSeconds(one.etaSeconds)} left`;
  const underWay = one.underWay.map(({ trial, progress }) => {
    const state = progress ? `${progress.phase} ${progress.step}/${progress.steps}` : "starting";
    return `  running ${trial}: ${state}`;
  });
  return [
    `${one.name} (${one.fingerprint})`,
    `  ${one.waiting} waiting, ${one.running} running, ${one.done} done, ${one.failed} failed`,
    `  ${one.workers} workers, ${rate}${eta}`,
    ...underWay,
    ...failureLines(one.failures),
  ].join("\n");
}

const failureLines = (failures: readonly { trial: string; error: string }[]): string[] =>
  failures.map(({ trial, error }) => `  failed ${trial}: ${error}`);
