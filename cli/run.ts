import { resolve } from "node:path";
import type { StopSignal } from "#core/context.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { splitCohort } from "#core/experiment/split.ts";
import { expandExperiment, experimentFingerprint } from "#core/experiment/trial.ts";
import { chooseDevice } from "#nn/devices/chooseDevice.ts";
import { probeCpu } from "#nn/devices/probeCpu.ts";
import { probeWebgpu } from "#nn/devices/probeWebgpu.ts";
import { startEngine } from "#nn/devices/startEngine.ts";
import { openCohortFolder } from "./cohortFolder.ts";
import { readExperimentFile } from "./experimentFile.ts";
import { localRunner } from "./localRunner.ts";
import { progressLine } from "./progressLine.ts";
import { requireRunnable } from "./requireRunnable.ts";
import { openResultsFile } from "./resultsFile.ts";
import { resultsTable } from "./resultsTable.ts";
import { openTrials, runTrials } from "./runTrials.ts";
import { wasmFiles } from "./wasmFiles.ts";
import { loadWebgpu } from "./webgpu.ts";

export interface RunOptions {
  readonly cohort: string;
  readonly out: string;
  readonly backend: DeviceChoice;
}

/** Where a run writes: results to `out`, everything else to `log`. */
export interface Streams {
  readonly out: NodeJS.WriteStream;
  readonly log: NodeJS.WriteStream;
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
  const trials = expandExperiment(experiment);
  const {
    cases,
    source,
    fingerprint: voxels,
  } = await openCohortFolder(resolve(options.cohort), {
    labels: experiment.target.labels,
    say,
    signal,
  });
  const split = splitCohort(cases, experiment.split);
  const poolDepths = split.pool.map((id) => source.shapeOf(id)[0]);
  requireRunnable(experiment, poolDepths);
  const device = await chosenDevice(options.backend);

  const fingerprint = experimentFingerprint(experiment, voxels);
  const store = await openResultsFile(resolve(options.out), experiment, fingerprint);
  if (store.mended) say(store.mended);
  const waiting = openTrials(trials, await store.all(fingerprint));
  const { pool, validation, test } = split;
  say(
    `${cases.length} cases: ${pool.length} to train on, ${validation.length} to validate, ` +
      `${test.length} to test`,
  );
  say(`${trials.length} trials, ${trials.length - waiting.length} finished before`);
  if (waiting.length > 0) say(`device: ${device.reason}`);

  const runner = localRunner({ ...device, cases: source, split, experiment: fingerprint });
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

async function chosenDevice(choice: DeviceChoice) {
  const gpu = choice === "cpu" ? undefined : await loadWebgpu();
  const { chosen, reason } = chooseDevice([await probeWebgpu(gpu), probeCpu()], choice);
  const wasm = wasmFiles();
  return { reason, start: () => startEngine({ backend: chosen, gpu, wasm }) };
}
