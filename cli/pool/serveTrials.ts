import { resolve } from "node:path";
import process from "node:process";
import type { Cohort } from "#core/cohort/cohort.ts";
import type { StopSignal } from "#core/context.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { type Experiment, parseExperiment } from "#core/experiment/experiment.ts";
import { classLabels } from "#core/experiment/target.ts";
import { expandExperiment, experimentFingerprint, type Trial } from "#core/experiment/trial.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import { scoredTarget } from "#core/results/score.ts";
import { checkpointFile } from "../checkpointFile.ts";
import { type CohortFolder, openCohortFolder } from "../cohortFolder.ts";
import { type ChosenDevice, chosenDevice } from "../deviceOption.ts";
import { localRunner } from "../localRunner.ts";
import { planRun } from "../planRun.ts";
import type { CohortView, PoolReply, PoolRequest } from "./poolMessages.ts";

export interface ServeOptions {
  readonly cohort: string;
  readonly backend: DeviceChoice;
  /** Of the CPU path. */
  readonly threads: number;
  /** A `cohort.json` to use instead of the folder's own. */
  readonly settings?: string | undefined;
  /** Folder of results to keep checkpoints beside; in memory where there is none. */
  readonly checkpoints?: string;
}

class Stopped extends Error {}

/** Milliseconds between two reports of a trial under way. */
const REPORT_EVERY = 500;

/**
 * The life of a training process: reads the cohort, says that it is ready, then runs trials
 * that its parent asks for, one at a time, until the parent is gone.
 */
export async function serveTrials(options: ServeOptions): Promise<never> {
  const say = (reply: PoolReply) => void process.send?.(reply);
  // A parent that was killed asks for nothing more.
  process.on("disconnect", () => process.exit(0));
  // Ctrl+C reaches the whole group; the parent says when to stop.
  process.on("SIGINT", () => undefined);
  try {
    const never = new AbortController().signal;
    const folder = await openCohortFolder(resolve(options.cohort), {
      signal: never,
      settings: options.settings,
    });
    const device = await chosenDevice(options.backend, options.threads);
    listen(folder, device, options.checkpoints, say);
    say({ type: "ready", cohort: viewOf(folder.cohort), device: device.reason });
  } catch (error) {
    say(unable(error));
  }
  return new Promise(() => undefined);
}

/** What two machines compare. */
export function viewOf({ id, cases }: Cohort): CohortView {
  return { id, cases: cases.map((one) => ({ case: one.id, fingerprint: one.fingerprint })) };
}

function listen(
  folder: CohortFolder,
  device: ChosenDevice,
  checkpoints: string | undefined,
  say: (reply: PoolReply) => void,
) {
  const runner = new ExperimentRunner(folder, device, checkpoints);
  let stop = new AbortController();
  process.on("message", (message: PoolRequest) => {
    if (message.type === "stop") {
      stop.abort(new Stopped());
      return;
    }
    stop = new AbortController();
    let last = 0;
    const report = (progress: TrialProgress) => {
      if (Date.now() - last < REPORT_EVERY) return;
      last = Date.now();
      say({ type: "progress", progress });
    };
    runner
      .run(message.experiment, message.trial, stop.signal, report)
      .then((result) => say({ type: "result", result }))
      .catch((error) => say(error instanceof Stopped ? { type: "stopped" } : unable(error)));
  });
}

/** Runs trials of whatever experiment comes; what belongs to the last one is kept. */
class ExperimentRunner {
  readonly #folder: CohortFolder;
  readonly #device: ChosenDevice;
  readonly #checkpoints: string | undefined;
  #current: {
    readonly key: string;
    readonly trials: ReadonlyMap<string, Trial>;
    readonly runner: ReturnType<typeof localRunner>;
  } | null = null;

  constructor(folder: CohortFolder, device: ChosenDevice, checkpoints: string | undefined) {
    this.#folder = folder;
    this.#device = device;
    this.#checkpoints = checkpoints;
  }

  async run(
    experiment: Experiment,
    id: string,
    signal: StopSignal,
    report: (progress: TrialProgress) => void,
  ) {
    const { trials, runner } = this.#of(parseExperiment(experiment));
    const trial = trials.get(id);
    if (!trial) {
      throw new PlannerError("experiment", `trial ${id} is not one of the experiment's`);
    }
    return runner.run(trial, signal, report);
  }

  #of(experiment: Experiment) {
    const key = JSON.stringify(experiment);
    if (this.#current?.key === key) return this.#current;
    this.#current?.runner.dispose();
    this.#current = null;
    const { cohort, source } = this.#folder;
    const split = planRun(experiment, cohort, () => undefined);
    const trials = new Map(expandExperiment(experiment).map((trial) => [trial.id, trial]));
    const checkpoints = this.#checkpoints;
    const runner = localRunner({
      ...(checkpoints ? { checkpointOf: (one) => checkpointFile(checkpoints, one) } : {}),
      start: this.#device.start,
      cases: source(classLabels(experiment.target)),
      split,
      target: scoredTarget(experiment.target),
      cohort: cohort.id,
      experiment: experimentFingerprint(experiment, cohort.id),
    });
    this.#current = { key, trials, runner };
    return this.#current;
  }
}

function unable(error: unknown): PoolReply {
  const isExpected = error instanceof PlannerError;
  const message = isExpected ? messageOf(error) : String((error as Error)?.stack ?? error);
  return { type: "unable", code: isExpected ? error.code : "device", message };
}
