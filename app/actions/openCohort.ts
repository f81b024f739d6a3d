import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import type { CohortSettings } from "#core/cohort/settings.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { CohortFile } from "#workers/protocol.ts";
import {
  cohortOpened,
  readingProgressed,
  readingStarted,
  readingStopped,
} from "../store/cohortSlice.ts";
import { fittedToCohort } from "../store/experimentSlice.ts";
import { isRunActive, usableCaseCount } from "../store/selectors.ts";
import { changeDevice } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { notify, notifyError } from "./notices.ts";

type Source = "sample" | "files";
type Gather = (signal: AbortSignal) => Promise<{
  readonly name: string;
  readonly files: readonly CohortFile[];
  readonly settings?: CohortSettings;
}>;

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

/** Says why files that were dropped cannot be read; the cohort stays as it is. */
export function refuseFiles(app: AppContext, error: unknown): void {
  notify(
    app,
    "error",
    `What was dropped could not be read (${messageOf(error)}); drop it again, or choose the ` +
      "folder by the button",
  );
}

export function cancelReading({ switches }: AppContext): void {
  switches.reading?.abort();
}

/** Reads the files of the open cohort again with other settings; what did not change is kept. */
export async function readAgain(app: AppContext, settings: CohortSettings): Promise<void> {
  const { folder } = app.switches;
  const { cohortSource } = app.store.getState();
  if (!folder || cohortSource === "none") return;
  await read(app, cohortSource, async () => ({ ...folder, settings }));
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
    const needed = await neededCohorts(app);
    const { cohort, places } = await services.cohortWorker.run(
      "readCohort",
      { ...input, needed },
      {
        signal: stop.signal,
        onProgress: (progress) => store.setState(readingProgressed(progress)),
      },
    );
    if (takeCohort(app, cohort, source)) {
      switches.folder = { name: input.name, files: input.files };
      store.setState({ places });
    }
    if (cohort.cases.some(isUsable)) await freeOtherCohorts(app, cohort.id);
    await updateStorage(app);
  } catch (error) {
    notifyError(app, error);
  } finally {
    switches.reading = null;
    store.setState(readingStopped());
  }
}

/**
 * Shows a cohort that was read and says what of it cannot be used. One without a usable case
 * does not take the place of one that has some.
 */
function takeCohort(app: AppContext, cohort: Cohort, source: Source): boolean {
  const usable = cohort.cases.filter(isUsable).length;
  const count = cohort.cases.filter(({ excluded }) => !excluded).length;
  const isBetter = usable > 0 || usableCaseCount(app.store.getState()) === 0;
  if (isBetter) showCohort(app, cohort, source);
  if (!isBetter) {
    notify(
      app,
      "error",
      `No case of ${cohort.name} can be used, so the cohort before stays open: ${reasons(cohort)}`,
    );
  } else if (usable === 0) {
    notify(app, "error", `No case of ${cohort.name} can be used; the table says why for each`);
  } else if (usable < count) {
    notify(
      app,
      "info",
      `${usable} of ${count} cases can be used; the table says what is wrong with the others`,
    );
  }
  return isBetter;
}

/** Cases whose faults a message names. */
const CASES_NAMED = 3;

/** What is wrong with the first cases. */
function reasons({ cases }: Cohort): string {
  const named = cases.slice(0, CASES_NAMED).map(({ id, problems }) => {
    const fault = problems.find(({ severity }) => severity === "error");
    return `${id}: ${fault?.message ?? "no mask"}`;
  });
  const more = cases.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** Makes a cohort the one on the page; a usable one is remembered for the next visit. */
export function showCohort({ store, services }: AppContext, cohort: Cohort, source: Source): void {
  store.setState((state) => ({
    ...cohortOpened(cohort, source),
    ...fittedToCohort(state, cohort),
  }));
  // Another cohort has slices of another size, which a measured speed depends on.
  changeDevice(store, { speeds: null });
  if (!cohort.cases.some(isUsable)) return;
  const { experiment } = store.getState();
  services.session.save({ cohortId: cohort.id, cohortSource: source, experiment });
}

/** Keeps the voxels of this cohort and of experiments that may go on; frees the rest. */
export async function freeOtherCohorts(app: AppContext, cohortId: string): Promise<void> {
  const cohortIds = [...new Set([cohortId, ...(await neededCohorts(app))])];
  await app.services.cohortWorker.run("keepCohorts", { cohortIds });
}

/** Cohorts of experiments that may go on. */
async function neededCohorts({ services }: AppContext): Promise<string[]> {
  const { readable, unreadable } = await services.results.experiments();
  const open = readable.filter(({ finished }) => !finished).map(({ cohort }) => cohort.id);
  return [...open, ...unreadable.flatMap((one) => one.cohortId ?? [])];
}

/** Asks how much the browser lends and how much is used. */
export async function updateStorage({ store, services }: AppContext): Promise<void> {
  const storage = await services.cohortWorker.run("storage", {}).catch(() => null);
  store.setState({ storage });
}
