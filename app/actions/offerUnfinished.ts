import { expandExperiment } from "#core/experiment/trial.ts";
import { openTrials } from "#core/results/openTrials.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { StoredExperiment } from "../services/services.ts";
import { changeRun } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { storedResults } from "./storedResults.ts";

/** An experiment with trials left. */
export interface Unfinished {
  readonly stored: StoredExperiment;
  readonly results: readonly TrialResult[];
  readonly done: number;
  readonly total: number;
}

/** The newest experiment that was started and not finished; null when there is none. */
export async function findUnfinished({ services }: AppContext): Promise<Unfinished | null> {
  const { readable } = await services.results.experiments();
  const stored = readable.find(({ finished }) => !finished);
  if (!stored) return null;
  const results = await storedResults(services.results, stored.fingerprint);
  const trials = expandExperiment(stored.experiment);
  const done = trials.length - openTrials(trials, results).length;
  return { stored, results, done, total: trials.length };
}

/** Puts the newest unfinished experiment on offer. */
export async function offerUnfinished(app: AppContext): Promise<void> {
  const found = await findUnfinished(app);
  const unfinished = found && {
    name: found.stored.experiment.name,
    done: found.done,
    total: found.total,
  };
  changeRun(app.store, { unfinished });
}
