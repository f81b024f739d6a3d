import { resolve } from "node:path";
import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import type { StopSignal } from "#core/context.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import type { Split } from "#core/experiment/split.ts";
import { classLabels } from "#core/experiment/target.ts";
import { expandExperiment, experimentFingerprint, type Trial } from "#core/experiment/trial.ts";
import { openTrials } from "#core/results/openTrials.ts";
import type { ResultStore } from "#core/results/resultStore.ts";
import { scoredTarget } from "#core/results/score.ts";
import type { CaseSource } from "#nn/trial/runTrial.ts";
import { checkpointFile } from "./checkpointFile.ts";
import { openCohortFolder } from "./cohortFolder.ts";
import type { Streams } from "./command.ts";
import { chosenDevice } from "./deviceOption.ts";
import { readExperimentFile } from "./experimentFile.ts";
import { keepFiles } from "./keepFiles.ts";
import { localRunner } from "./localRunner.ts";
import { type Part, partFolder, trialsOfPart } from "./part.ts";
import { planRun } from "./planRun.ts";
import { runPool } from "./pool/runPool.ts";
import { viewOf } from "./pool/serveTrials.ts";
import { type PoolOptions, startProcesses } from "./pool/startProcesses.ts";
import { type ProgressLine, progressLine } from "./progressLine.ts";
import type { QueuedExperiment } from "./queue/queuedExperiments.ts";
import { runOnQueue } from "./queue/runOnQueue.ts";
import { openResultsFile } from "./resultsFile.ts";
import { resultsTable } from "./resultsTable.ts";
import { runTrials, type TrialRunner } from "./runTrials.ts";

export interface RunOptions {
  readonly cohort: string;
  readonly out: string;
  readonly backend: DeviceChoice;
  /** Training processes side by side; 1 trains in this process. */
  readonly workers?: number;
  /** Of each training process on the CPU path. */
  readonly threads?: number;
  /** Address of a Redis whose workers run the trials. */
  readonly redis?: string;
  /** Share of the trials to run, into a folder of its own. */
  readonly part?: Part;
  /** A `cohort.json` to use instead of the folder's own. */
  readonly settings?: string | undefined;
  /** Keep the predicted mask of every test case. */
  readonly predictions?: boolean;
  /** Keep the trained networks. */
  readonly networks?: boolean;
}

/**
 * Runs what an experiment still lacks on the cases of a folder, and prints the results.
 *
 * @returns whether every trial has a finished result
 * @throws PlannerError when the input cannot be run; nothing was written then
 * @throws what `signal.throwIfAborted` throws when it was stopped; finished trials are kept
 */
export async function run(
  experimentPath: string,
  options: RunOptions,
  { out, log }: Streams,
  signal: StopSignal,
): Promise<boolean> {
  const say = (text: string) => void log.write(`${text}\n`);
  const experiment = await readExperimentFile(experimentPath);
  const { cohort, source } = await openCohortFolder(resolve(options.cohort), {
    signal,
    settings: options.settings,
    read: (done, total) => {
      if (done === total || done % 100 === 0) say(`read ${done} of ${total} cases`);
    },
  });
  sayProblems(cohort, say);
  const split = planRun(experiment, cohort, (text) => say(`look: ${text}`));
  const fingerprint = experimentFingerprint(experiment, cohort.id);
  const folder = resolve(options.part ? partFolder(options.out, options.part) : options.out);
  const store = await openResultsFile(folder, experiment, fingerprint);
  if (store.mended) say(store.mended);
  const all = expandExperiment(experiment);
  const trials = options.part ? trialsOfPart(all, options.part) : all;
  const waiting = openTrials(trials, await store.all(fingerprint));
  const { pool, validation, test } = split;
  say(`${pool.length} cases to train on, ${validation.length} to validate, ${test.length} to test`);
  say(`${trials.length} trials, ${trials.length - waiting.length} finished before`);

  const line = progressLine(log, trials.length - waiting.length, trials.length);
  const queued = { fingerprint, experiment, cohort: viewOf(cohort) };
  const work: Work = { waiting, store, line, signal, queued };
  try {
    if (waiting.length === 0) {
      // Nothing to start for.
    } else if (options.redis !== undefined) {
      await runOnQueue(waiting, { redis: options.redis, watcher: line, say: line.say, ...work });
    } else if (options.workers !== undefined && options.workers > 1) {
      await onProcesses({ ...options, workers: options.workers }, work);
    } else {
      await inThisProcess(options, source(classLabels(experiment.target)), split, work);
    }
  } finally {
    line.close();
  }
  const ids = new Set(trials.map(({ id }) => id));
  const results = (await store.all(fingerprint)).filter(({ trial }) => ids.has(trial));
  out.write(`${resultsTable(results)}\n`);
  const failed = openTrials(trials, results);
  if (failed.length > 0) say(`${failed.length} trials failed; call again to retry them`);
  return failed.length === 0;
}

/** What is left to do, and who is told. */
interface Work {
  readonly waiting: readonly Trial[];
  readonly store: ResultStore;
  readonly line: ProgressLine;
  readonly signal: StopSignal;
  readonly queued: Omit<QueuedExperiment, "methodVersion">;
}

async function inThisProcess(
  { backend, out, threads, predictions = false, networks = false }: RunOptions,
  cases: CaseSource,
  split: Split,
  { waiting, store, line, signal, queued }: Work,
): Promise<void> {
  const device = await chosenDevice(backend, threads);
  line.say(`device: ${device.reason}`);
  const runner = localRunner({
    ...{ start: device.start, cases, split, experiment: queued.fingerprint, say: line.say },
    target: scoredTarget(queued.experiment.target),
    checkpointOf: (trial) => checkpointFile(resolve(out), trial),
    keep: keepFiles(resolve(out), queued.experiment, queued.fingerprint, { predictions, networks }),
    cohort: queued.cohort.id,
  });
  try {
    await runTrials(waiting, runner, store, line, signal);
  } finally {
    runner.dispose();
  }
}

async function onProcesses(
  options: RunOptions & PoolOptions,
  { waiting, store, line, signal, queued }: Work,
): Promise<void> {
  const { fingerprint, experiment } = queued;
  const workers = Math.min(options.workers, waiting.length);
  const cohort = resolve(options.cohort);
  const { processes, ready, dispose } = await startProcesses({
    ...{ ...options, cohort, workers },
    checkpoints: resolve(options.out),
  });
  line.say(`${workers} training processes; device: ${ready.device}`);
  const runners = processes.map(
    (process): TrialRunner => ({
      run: (trial, stop, report) => process.run(experiment, trial, stop, report),
    }),
  );
  try {
    await runPool(waiting, runners, fingerprint, store, line, signal);
  } finally {
    dispose();
  }
}

/** Every problem on a line; cases that cannot be used are left out of the run. */
function sayProblems(cohort: Cohort, say: (text: string) => void): void {
  const word = { error: "problem", warning: "look" };
  for (const { severity, message } of cohort.problems) say(`${word[severity]}: ${message}`);
  for (const one of cohort.cases) {
    const left = isUsable(one) ? "" : " (left out)";
    for (const { severity, message } of one.problems) {
      say(`${word[severity]}: case ${one.id}${left}: ${message}`);
    }
  }
}
