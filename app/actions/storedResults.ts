import { METHOD_VERSION, type TrialResult } from "#core/results/result.ts";
import type { ResultStore } from "#core/results/resultStore.ts";
import { resultStored } from "../store/resultsSlice.ts";
import type { AppContext } from "./appContext.ts";

/**
 * Stored results of an experiment that this version's numbers compare with. Older ones stay
 * stored until their trial is run again.
 */
export async function storedResults(
  results: ResultStore,
  fingerprint: string,
): Promise<TrialResult[]> {
  const all = await results.all(fingerprint);
  return all.filter(({ methodVersion }) => methodVersion === METHOD_VERSION);
}

/**
 * Stores the results that were refused before, so that showing others does not lose them.
 *
 * @throws PlannerError "storage" when one is refused again; it stays on the page
 */
export async function storeAgain({ store, services }: AppContext): Promise<void> {
  const { results, unstored } = store.getState();
  for (const result of results.filter(({ trial }) => unstored.includes(trial))) {
    await services.results.put(result);
    store.setState((state) => resultStored(state, result.trial));
  }
}
