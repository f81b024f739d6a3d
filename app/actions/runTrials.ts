import { messageOf, PlannerError } from "#core/errors.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import type { Split } from "#core/experiment/split.ts";
import type { Target } from "#core/experiment/target.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { NetworkSpeeds } from "#core/results/progress.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { ResultStore } from "#core/results/resultStore.ts";
import { failedResult } from "#core/results/trialResult.ts";
import { type Hold, isAbort } from "#workers/client.ts";
import type { Jobs } from "#workers/protocol.ts";
import { resultAdded } from "../store/resultsSlice.ts";
import { trialEnded } from "../store/runSlice.ts";
import { changeRun } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { ProgressFeed } from "./progressFeed.ts";
import { remainingSeconds } from "./remainingTime.ts";

/** Trials to run and what they have in common. */
export interface Run {
  readonly fingerprint: string;
  readonly waiting: readonly Trial[];
  readonly cohortId: string;
  readonly target: Target;
  readonly split: Split;
  readonly choice: DeviceChoice;
  /** By calibration; empty when this design was not measured. */
  readonly speeds: NetworkSpeeds;
  readonly testSlices: number;
  readonly stop: AbortController;
  readonly hold: Hold;
}

/** Device failures in a row after which going on makes no sense. */
const MOST_DEVICE_FAILURES = 2;

/**
 * Runs trials one after the other. A result is stored before it is shown; a failed trial is
 * stored as failed and the run goes on. A result that cannot be stored is shown and marked.
 *
 * @returns trials that failed, and trials left when the run was cancelled
 * @throws PlannerError when a trial could not begin, when the device failed twice in a row,
 *   or when a result could not be stored; everything stored before stays
 */
export async function runTrials(
  app: AppContext,
  run: Run,
): Promise<{ readonly failed: number; readonly left: number }> {
  const { store, services } = app;
  const ended: TrialResult[] = [];
  let deviceFailures = 0;
  for (const trial of run.waiting) {
    if (run.stop.signal.aborted) break;
    const outcome = await runOne(app, run, trial, ended);
    if (!outcome) break;
    const { result, deviceFailed } = outcome;
    const refusal = await put(services.results, result);
    ended.push(result);
    store.setState((state) => ({
      ...resultAdded(state, result, refusal === null),
      run: trialEnded(state.run),
    }));
    if (refusal) throw refusal;
    deviceFailures = deviceFailed ? deviceFailures + 1 : 0;
    if (deviceFailures >= MOST_DEVICE_FAILURES) {
      throw new PlannerError(
        "device",
        `the run stopped because the device failed twice in a row: ${result.error}; choose ` +
          "another device or reload the page, then continue",
      );
    }
  }
  const failed = ended.filter(({ status }) => status === "failed").length;
  return { failed, left: run.waiting.length - ended.length };
}

/** Stores a result; what kept it from being stored, null when nothing did. */
async function put(results: ResultStore, result: TrialResult): Promise<PlannerError | null> {
  try {
    await results.put(result);
    return null;
  } catch (cause) {
    return new PlannerError(
      "storage",
      `the run stopped: ${messageOf(cause)}; the result stays on this page until you close it ` +
        "and can be exported",
      { cause },
    );
  }
}

/** Runs one trial; null when it was cancelled. */
async function runOne(
  { store, services }: AppContext,
  run: Run,
  trial: Trial,
  ended: readonly TrialResult[],
): Promise<Jobs["runTrial"]["output"] | null> {
  const feed = new ProgressFeed(store, services.now, (progress) =>
    remainingSeconds({
      waiting: run.waiting.slice(ended.length),
      progress,
      ended,
      speeds: run.speeds,
      testSlices: run.testSlices,
    }),
  );
  changeRun(store, { etaSeconds: feed.etaOf(null) });
  const { fingerprint: experiment, cohortId, target, split, choice } = run;
  const startedAt = services.now();
  try {
    return await services.trialWorker.run(
      "runTrial",
      { trial, experiment, cohortId, target, split, choice },
      { signal: run.stop.signal, hold: run.hold, onProgress: (progress) => feed.add(progress) },
    );
  } catch (error) {
    // A worker that had to be ended because it did not stop is no failure of the trial.
    if (isAbort(error) || run.stop.signal.aborted) return null;
    // Anything else that keeps a trial from running would keep the next one too.
    if (!(error instanceof PlannerError && error.code === "device")) throw error;
    const seconds = Math.max(0, services.now() - startedAt) / 1000;
    return { result: deadResult(store, experiment, trial, error, seconds), deviceFailed: true };
  }
}

/** The result of a trial whose worker did not live to write one. */
function deadResult(
  store: AppContext["store"],
  experiment: string,
  trial: Trial,
  error: unknown,
  seconds: number,
): TrialResult {
  const { report } = store.getState().device;
  const backend = report?.chosen ?? "cpu";
  const device = report?.options.find((option) => option.backend === backend)?.description;
  const circumstances = {
    experiment,
    volumes: null,
    annotatedSlices: null,
    seconds,
    backend,
    device: device ?? "unknown",
  };
  return failedResult(trial, circumstances, error);
}
