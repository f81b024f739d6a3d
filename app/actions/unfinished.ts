import { messageOf } from "#core/errors.ts";
import type { StoredExperiment } from "../services/services.ts";
import { resultsOpened } from "../store/resultsSlice.ts";
import { changeRun } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { notify, notifyError } from "./notices.ts";
import { findUnfinished } from "./offerUnfinished.ts";
import { loadSampleCohort, showCohort } from "./openCohort.ts";
import { startRun } from "./runExperiment.ts";
import { storeAgain } from "./storedResults.ts";

/** Opens the experiment on offer with its cohort and results, and runs what is left of it. */
export async function continueUnfinished(app: AppContext): Promise<void> {
  const { store, services } = app;
  try {
    await storeAgain(app);
    const found = await findUnfinished(app);
    if (!found) {
      changeRun(store, { unfinished: null });
      return;
    }
    const { stored, results } = found;
    if (!(await openCohortOf(app, stored))) {
      notify(
        app,
        "error",
        `The volumes of ${stored.cohort.name} are no longer stored in this browser; open its ` +
          "files again, then continue",
      );
      return;
    }
    store.setState({
      experiment: stored.experiment,
      ...resultsOpened(stored.fingerprint, stored, results),
    });
    services.session.save({ experiment: stored.experiment, shown: stored.fingerprint });
    changeRun(store, { unfinished: null });
  } catch (error) {
    notifyError(app, error);
    return;
  }
  await startRun(app);
}

/** Puts an experiment's cohort on the page; false when its voxels are gone. */
async function openCohortOf(app: AppContext, stored: StoredExperiment): Promise<boolean> {
  const { store, services } = app;
  const isOpen = () => store.getState().cohort?.id === stored.cohort.id;
  if (isOpen()) return true;
  const cohort = await services.cohortWorker.run("openCohort", { cohortId: stored.cohort.id });
  if (cohort) showCohort(app, cohort, stored.cohortSource);
  else if (stored.cohortSource === "sample") await loadSampleCohort(app);
  return isOpen();
}

/** Gives up the trials that are left of the experiment on offer. Its results stay. */
export async function discardUnfinished(app: AppContext): Promise<void> {
  const { store, services } = app;
  try {
    const found = await findUnfinished(app);
    if (found) await services.results.putExperiment({ ...found.stored, finished: true });
    changeRun(store, { unfinished: null });
  } catch (error) {
    notify(app, "error", `The experiment could not be put away: ${messageOf(error)}`);
  }
}
