import { resolve } from "node:path";
import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import type { StopSignal } from "#core/context.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { expandExperiment, experimentFingerprint } from "#core/experiment/trial.ts";
import { openTrials } from "#core/results/openTrials.ts";
import { openCohortFolder } from "./cohortFolder.ts";
import type { Streams } from "./command.ts";
import { chosenDevice } from "./deviceOption.ts";
import { readExperimentFile } from "./experimentFile.ts";
import { localRunner } from "./localRunner.ts";
import { planRun } from "./planRun.ts";
import { progressLine } from "./progressLine.ts";
import { openResultsFile } from "./resultsFile.ts";
import { resultsTable } from "./resultsTable.ts";
import { runTrials } from "./runTrials.ts";

export interface RunOptions {
  readonly cohort: string;
  readonly out: string;
  readonly backend: DeviceChoice;
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
  const { cohort, source } = await openCohortFolder(
    resolve(options.cohort),
    signal,
    (done, total) => {
      if (done === total || done % 100 === 0) say(`read ${done} of ${total} cases`);
    },
  );
  sayProblems(cohort, say);
  const split = planRun(experiment, cohort, (text) => say(`look: ${text}`));
  const device = await chosenDevice(options.backend);

  const fingerprint = experimentFingerprint(experiment, cohort.id);
  const store = await openResultsFile(resolve(options.out), experiment, fingerprint);
  if (store.mended) say(store.mended);
  const trials = expandExperiment(experiment);
  const waiting = openTrials(trials, await store.all(fingerprint));
  const { pool, validation, test } = split;
  say(`${pool.length} cases to train on, ${validation.length} to validate, ${test.length} to test`);
  say(`${trials.length} trials, ${trials.length - waiting.length} finished before`);
  if (waiting.length > 0) say(`device: ${device.reason}`);

  const cases = source(experiment.target.labels);
  const runner = localRunner({ start: device.start, cases, split, experiment: fingerprint });
  const line = progressLine(log, trials.length - waiting.length, trials.length);
  try {
    await runTrials(waiting, runner, store, line, signal);
  } finally {
    line.close();
    runner.dispose();
  }
  const ids = new Set(trials.map(({ id }) => id));
  const results = (await store.all(fingerprint)).filter(({ trial }) => ids.has(trial));
  out.write(`${resultsTable(results)}\n`);
  const failed = openTrials(trials, results);
  if (failed.length > 0) say(`${failed.length} trials failed; call again to retry them`);
  return failed.length === 0;
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
