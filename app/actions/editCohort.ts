import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { type CohortSettings, noSettings, parseSettings } from "#core/cohort/settings.ts";
import type { Preprocessing } from "#core/volume/preprocessing.ts";
import type { CasePreview } from "#workers/protocol.ts";
import { readingProgressed, readingStarted, readingStopped } from "../store/cohortSlice.ts";
import { isRunActive } from "../store/selectors.ts";
import type { AppContext } from "./appContext.ts";
import type { ExportedFile } from "./exportResults.ts";
import { notify, notifyError } from "./notices.ts";
import { freeOtherCohorts, readAgain, showCohort, updateStorage } from "./openCohort.ts";

/**
 * Gives the open cohort other settings. Patients, cases left out and preprocessing need no
 * file; anything else reads what changed of the files again, which takes the open folder.
 */
export async function editCohort(app: AppContext, settings: CohortSettings): Promise<void> {
  const { store, services, switches } = app;
  const { cohort, cohortSource, places } = store.getState();
  if (!cohort || cohortSource === "none") return;
  if (isRunActive(store.getState()) || switches.reading) {
    const what = switches.reading ? "Files are being read" : "A run is under way";
    notify(app, "info", `${what}; wait or stop that before changing the cohort`);
    return;
  }
  try {
    const wanted = parseSettings(settings);
    if (needsFiles(cohort, wanted)) {
      if (switches.folder) await readAgain(app, wanted);
      else notify(app, "info", needFolder);
      return;
    }
    const stop = new AbortController();
    switches.reading = stop;
    store.setState(readingStarted());
    const revised = await services.cohortWorker.run(
      "reviseCohort",
      { cohortId: cohort.id, settings: wanted },
      {
        signal: stop.signal,
        onProgress: (progress) => store.setState(readingProgressed(progress)),
      },
    );
    showCohort(app, revised, cohortSource);
    store.setState({ places });
    if (revised.cases.some(isUsable)) await freeOtherCohorts(app, revised.id);
    await updateStorage(app);
  } catch (error) {
    notifyError(app, error);
  } finally {
    switches.reading = null;
    store.setState(readingStopped());
  }
}

const needFolder =
  "The page no longer has the files of this cohort; open its folder again, then change masks, " +
  "channels or slices. Cases that did not change are not read again";

/** Whether settings differ in what only the files can tell. */
function needsFiles(cohort: Cohort, wanted: CohortSettings): boolean {
  const key = ({ plane, volume, cases, added }: CohortSettings) => {
    const edits = Object.entries(cases).flatMap(([id, edit]) => {
      const { mask, volume: own, plane: ownPlane } = edit;
      const isEmpty = mask === undefined && own === undefined && ownPlane === undefined;
      return isEmpty ? [] : [[id, mask, own, ownPlane]];
    });
    return JSON.stringify([plane, volume ?? null, edits.sort(), added]);
  };
  const before = cohort.settings ?? noSettings;
  const isNew = (id: string) => {
    const one = cohort.cases.find((other) => other.id === id);
    return one?.excluded === true && one.shape === null && !wanted.cases[id]?.excluded;
  };
  // Taking a patient's name back is what pairing knows, not the cohort.
  const isReset = Object.entries(before.cases).some(
    ([id, { patient }]) => patient !== undefined && wanted.cases[id]?.patient === undefined,
  );
  return key(before) !== key(wanted) || isReset || cohort.cases.some(({ id }) => isNew(id));
}

/** A case before and after preprocessing; null, with a notice, when it cannot be shown. */
export async function previewCase(
  app: AppContext,
  caseId: string,
  preprocessing: Preprocessing,
): Promise<CasePreview | null> {
  const { cohort } = app.store.getState();
  if (!cohort) return null;
  try {
    const input = { cohortId: cohort.id, caseId, preprocessing };
    return await app.services.cohortWorker.run("previewCase", input);
  } catch (error) {
    notifyError(app, error);
    return null;
  }
}

/** The settings of the open cohort as a file for its folder. */
export function exportSettings({ store }: AppContext): ExportedFile {
  const settings = store.getState().cohort?.settings ?? noSettings;
  const blob = new Blob([`${JSON.stringify(settings, null, 2)}\n`], { type: "application/json" });
  return { fileName: "cohort.json", blob };
}
