import type { StopSignal } from "#core/context.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { ResultStore } from "#core/results/resultStore.ts";

/** Does one trial: plain data in, plain data out. Here, in a child, on another machine. */
export interface TrialRunner {
  /**
   * @returns its result; status "failed" when it went wrong
   * @throws what `signal.throwIfAborted` throws when it was stopped
   * @throws PlannerError "device" when nothing can be trained on: no later trial could run either
   */
  run(
    trial: Trial,
    signal: StopSignal,
    report: (progress: TrialProgress) => void,
  ): Promise<TrialResult>;
}

/** Who watches a run. */
export interface Watcher {
  begin(trial: Trial): void;
  update(progress: TrialProgress): void;
  end(result: TrialResult): void;
}

/**
 * Runs trials one after the other and keeps each result before the next begins.
 *
 * @returns the results, in the order of the trials
 * @throws what `signal.throwIfAborted` throws when it was stopped; finished trials are kept
 * @throws PlannerError "device" when the runner has nothing to train on; finished trials are kept
 */
export async function runTrials(
  trials: readonly Trial[],
  runner: TrialRunner,
  store: ResultStore,
  watcher: Watcher,
  signal: StopSignal,
): Promise<TrialResult[]> {
  const results: TrialResult[] = [];
  for (const trial of trials) {
    signal.throwIfAborted();
    watcher.begin(trial);
    const result = await runner.run(trial, signal, (progress) => watcher.update(progress));
    await store.put(result);
    watcher.end(result);
    results.push(result);
  }
  return results;
}
