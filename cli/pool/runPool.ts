import type { StopSignal } from "#core/context.ts";
import { messageOf } from "#core/errors.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { ResultStore } from "#core/results/resultStore.ts";
import { failedResult } from "#core/results/trialResult.ts";
import type { TrialRunner, Watcher } from "../runTrials.ts";
import { ProcessDied } from "./trialProcess.ts";

/** A trial whose process ends this often is set aside. */
export const MOST_TRIES = 3;

/**
 * Runs trials on several runners side by side and keeps each result as it comes. A trial whose
 * process died goes to the end of the line; after three tries it is set aside as failed, so
 * that one trial cannot stop the rest.
 *
 * @param experiment - fingerprint that results record
 * @throws what `signal.throwIfAborted` throws when it was stopped; finished trials are kept
 * @throws PlannerError when a runner can run nothing; finished trials are kept
 */
export async function runPool(
  trials: readonly Trial[],
  runners: readonly TrialRunner[],
  experiment: string,
  store: ResultStore,
  watcher: Watcher,
  signal: StopSignal,
): Promise<void> {
  const line = trials.map((trial) => ({ trial, tries: 0 }));
  const stop = new SharedStop(signal);
  const lane = async (runner: TrialRunner) => {
    for (let next = line.shift(); next; next = line.shift()) {
      stop.throwIfAborted();
      const { trial, tries } = next;
      watcher.begin(trial);
      const result = await once(runner, trial, stop, watcher).catch((error: unknown) => {
        if (!(error instanceof ProcessDied)) throw error;
        if (tries + 1 < MOST_TRIES) line.push({ trial, tries: tries + 1 });
        else return setAside(trial, experiment, error);
        return null;
      });
      if (!result) continue;
      await store.put(result);
      watcher.end(result);
    }
  };
  const ends = await Promise.allSettled(
    runners.map((runner) =>
      lane(runner).catch((error: unknown) => {
        stop.because(error);
        throw error;
      }),
    ),
  );
  stop.throwIfAborted();
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

function once(
  runner: TrialRunner,
  trial: Trial,
  stop: StopSignal,
  watcher: Watcher,
): Promise<TrialResult> {
  return runner.run(trial, stop, (progress) => watcher.update(progress));
}

/** The result of a trial that no process survived. */
export function setAside(trial: Trial, experiment: string, error: unknown): TrialResult {
  const circumstances = {
    experiment,
    volumes: null,
    annotatedSlices: null,
    seconds: 0,
    backend: "cpu",
    device: "unknown",
  } as const;
  return failedResult(
    trial,
    circumstances,
    `set aside after ${MOST_TRIES} tries: ${messageOf(error)}`,
  );
}

/** Stops every lane when the caller does, or when one lane cannot go on. */
class SharedStop implements StopSignal {
  readonly #outer: StopSignal;
  #error: unknown = null;

  constructor(outer: StopSignal) {
    this.#outer = outer;
  }

  get aborted(): boolean {
    return this.#outer.aborted || this.#error !== null;
  }

  throwIfAborted(): void {
    this.#outer.throwIfAborted();
    if (this.#error !== null) throw this.#error;
  }

  because(error: unknown): void {
    this.#error ??= error;
  }
}
