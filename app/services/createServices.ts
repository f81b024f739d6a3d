import { createResultsDb } from "./resultsDb.ts";
import { loadSample } from "./sampleCohort.ts";
import type { Services } from "./services.ts";
import { createSession } from "./session.ts";
import { createWakeLock } from "./wakeLock.ts";
import { RestartingWorker, routed } from "./workers.ts";

/** The services of a page in a browser. Workers start with their first job. */
export function createServices(page: Window & typeof globalThis): Services {
  const trialWorker = new RestartingWorker(
    () =>
      new Worker(new URL("../../workers/trial.worker.ts", import.meta.url), {
        type: "module",
        name: "trial",
      }),
  );
  const cohortWorker = new RestartingWorker(
    () =>
      new Worker(new URL("../../workers/cohort.worker.ts", import.meta.url), {
        type: "module",
        name: "cohort",
      }),
  );
  const viewWorker = new RestartingWorker(
    () =>
      new Worker(new URL("../../workers/view.worker.ts", import.meta.url), {
        type: "module",
        name: "view",
      }),
  );
  // Without a file system of the origin (private browsing) voxels stay in memory, and that
  // has to be the memory of the worker that trains.
  const hasFiles = hasOriginFiles(page);
  return {
    cohortWorker: routed(hasFiles.then((has) => (has ? cohortWorker : trialWorker))),
    viewWorker: routed(hasFiles.then((has) => (has ? viewWorker : trialWorker))),
    // Not the one that trains, wherever voxels are kept.
    analysisWorker: cohortWorker,
    trialWorker,
    results: createResultsDb(),
    session: createSession(() => page.localStorage),
    wakeLock: createWakeLock(page),
    loadSample: (signal) => loadSample((input, init) => page.fetch(input, init), signal),
    now: () => Date.now(),
  };
}

async function hasOriginFiles({ navigator }: Window): Promise<boolean> {
  try {
    await navigator.storage.getDirectory();
    return true;
  } catch {
    return false;
  }
}
