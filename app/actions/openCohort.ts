import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import type { CohortFile } from "#workers/protocol.ts";
import {
  cohortOpened,
  readingProgressed,
  readingStarted,
  readingStopped,
} from "../store/cohortSlice.ts";
import { fittedToCohort } from "../store/experimentSlice.ts";
import { isRunActive } from "../store/selectors.ts";
import { changeDevice } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { notify, notifyError } from "./notices.ts";

type Source = "sample" | "files";
type Gather = (
  signal: AbortSignal,
) => Promise<{ readonly name: string; readonly files: readonly CohortFile[] }>;

/** Opens the bundled cohort. */
export async function loadSampleCohort(app: AppContext): Promise<void> {
  await read(app, "sample", (signal) => app.services.loadSample(signal));
}

/** Reads dropped or chosen files into a cohort; the one before stays when that fails. */
export async function addFiles(
  app: AppContext,
  files: readonly CohortFile[],
  name: string,
): Promise<void> {
  await read(app, "files", async () => {
    if (files.length === 0) {
      throw new PlannerError(
        "cohort",
        "the folder holds no files; choose one with images and masks",
      );
    }
    return { name, files };
  });
}

export function cancelReading({ switches }: AppContext): void {
  switches.reading?.abort();
}

async function read(app: AppContext, source: Source, gather: Gather): Promise<void> {
  const { store, services, switches } = app;
  if (isRunActive(store.getState())) {
    notify(app, "info", "A run is under way; cancel it or let it end before opening a cohort");
    return;
  }
  if (switches.reading) {
    notify(app, "info", "Files are being read; wait or stop that first");
    return;
  }
  const stop = new AbortController();
  switches.reading = stop;
  store.setState(readingStarted());
  try {
    const input = await gather(stop.signal);
    const cohort = await services.cohortWorker.run("readCohort", input, {
      signal: stop.signal,
      onProgress: (progress) => store.setState(readingProgressed(progress)),
    });
    showCohort(app, cohort, source);
    notifyUnusable(app, cohort);
    await freeOtherCohorts(app, cohort.id);
  } catch (error) {
    notifyError(app, error);
  } finally {
    switches.reading = null;
    store.setState(readingStopped());
  }
}

/** Makes a cohort the one on the page and remembers it for the next visit. */
export function showCohort({ store, services }: AppContext, cohort: Cohort, source: Source): void {
  store.setState((state) => ({
    ...cohortOpened(cohort, source),
    ...fittedToCohort(state, cohort),
  }));
  // Another cohort has slices of another size, which a measured speed depends on.
  changeDevice(store, { speed: null });
  const { experiment } = store.getState();
  services.session.save({ cohortId: cohort.id, cohortSource: source, experiment });
}

function notifyUnusable(app: AppContext, cohort: Cohort): void {
  const usable = cohort.cases.filter(isUsable).length;
  const broken = cohort.cases.length - usable;
  if (usable === 0) {
    notify(app, "error", `No case of ${cohort.name} can be used; the table says why for each`);
  } else if (broken > 0) {
    notify(
      app,
      "info",
      `${usable} of ${cohort.cases.length} cases can be used; the table says what is wrong with ` +
        "the others",
    );
  }
}

/** Keeps the voxels of this cohort and of experiments that may go on; frees the rest. */
async function freeOtherCohorts({ services }: AppContext, cohortId: string): Promise<void> {
  const open = (await services.results.experiments()).filter(({ finished }) => !finished);
  const cohortIds = [...new Set([cohortId, ...open.map(({ cohort }) => cohort.id)])];
  await services.cohortWorker.run("keepCohorts", { cohortIds });
}
