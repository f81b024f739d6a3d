import { cohortOpened } from "../store/cohortSlice.ts";
import { fittedToCohort } from "../store/experimentSlice.ts";
import { resultsOpened } from "../store/resultsSlice.ts";
import { changeDevice } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { probeDevices } from "./chooseDevice.ts";
import { notify, notifyError } from "./notices.ts";
import { offerUnfinished } from "./offerUnfinished.ts";
import { updateStorage } from "./openCohort.ts";
import { storedResults } from "./storedResults.ts";

/**
 * What the last visit left: devices, cohort, experiment, results, and an unfinished run on
 * offer. Each part is restored by itself; what cannot be read is left out with a notice.
 */
export async function restoreSession(app: AppContext): Promise<void> {
  const { store, services } = app;
  const session = services.session.load();
  if (session.experiment) store.setState({ experiment: session.experiment });
  if (session.planning) store.setState({ planning: session.planning });
  changeDevice(store, { choice: session.choice });
  const parts = [
    probeDevices(app),
    restoreResults(app, session.shown),
    restoreCohort(app, session.cohortId, session.cohortSource),
    offerUnfinished(app),
    reportUnreadable(app),
  ];
  await Promise.all(parts.map((part) => part.catch((error) => notifyError(app, error))));
}

/** Says what is stored and cannot be read. */
async function reportUnreadable(app: AppContext): Promise<void> {
  const { unreadable } = await app.services.results.experiments();
  const [first] = unreadable;
  if (!first) return;
  const what =
    unreadable.length === 1
      ? "A stored experiment can"
      : `${unreadable.length} stored experiments can`;
  notify(app, "error", `${what} no longer be read (${first.why}); run it again to see it here`);
}

async function restoreResults(
  { store, services }: AppContext,
  shown: string | null,
): Promise<void> {
  if (!shown) return;
  const results = await storedResults(services.results, shown);
  // Results stay in sight when what they are of cannot be read, which is reported besides.
  const definition = await services.results.experiment(shown).catch(() => null);
  store.setState((state) => (state.fingerprint ? {} : resultsOpened(shown, definition, results)));
}

async function restoreCohort(
  app: AppContext,
  cohortId: string | null,
  source: "sample" | "files",
): Promise<void> {
  if (!cohortId) return;
  const { store, services } = app;
  const cohort = await services.cohortWorker.run("openCohort", { cohortId });
  if (!cohort) {
    services.session.save({ cohortId: null });
    return;
  }
  // A cohort that was opened by hand meanwhile stays.
  store.setState((state) =>
    state.cohort
      ? {}
      : {
          ...cohortOpened(cohort, source),
          reading: state.reading,
          ...fittedToCohort(state, cohort),
        },
  );
  await updateStorage(app);
}
