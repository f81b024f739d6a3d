import { belongsToResults, mayHoldResults, openedResults } from "#core/results/openedResults.ts";
import type { CohortFile } from "#workers/protocol.ts";
import { resultsFollowed, resultsOpened } from "../store/resultsSlice.ts";
import { isRunActive } from "../store/selectors.ts";
import type { AppContext } from "./appContext.ts";
import { notify, notifyError } from "./notices.ts";
import { storeAgain } from "./storedResults.ts";

/** Milliseconds between two looks at files that are followed. */
const LOOK_EVERY = 2000;

/** Files that were dropped or chosen. */
export interface ChosenFiles {
  readonly name: string;
  readonly files: readonly CohortFile[];
  /** The same files as they are now; missing where the browser does not let the page look again. */
  readonly again?: () => Promise<readonly CohortFile[]>;
}

/**
 * Shows results that came as files: output folders of runs, or an export. As long as they are
 * shown, files that grow are read again, so that a run elsewhere can be watched.
 *
 * @returns false when the files hold no results
 */
export async function openResults(app: AppContext, chosen: ChosenFiles): Promise<boolean> {
  const { store, switches } = app;
  if (!chosen.files.some(({ path }) => mayHoldResults(path))) return false;
  try {
    const opened = await read(chosen.files);
    if (!opened) return false;
    if (isRunActive(store.getState())) {
      notify(app, "info", "A run is under way; cancel it or let it end before opening results");
      return true;
    }
    await storeAgain(app);
    stopFollowing(app);
    store.setState(resultsOpened(opened.fingerprint, opened, opened.results));
    const { again } = chosen;
    if (again) {
      switches.following = new AbortController();
      void follow(app, chosen.name, again, switches.following.signal);
    }
    return true;
  } catch (error) {
    notifyError(app, error);
    return true;
  }
}

async function read(files: readonly CohortFile[]) {
  const texts = files
    .filter(({ path }) => belongsToResults(path))
    .map(async ({ path, file }) => ({ path, text: await file.text() }));
  return openedResults(await Promise.all(texts));
}

/** Reads files again whenever they changed, until other results are shown. */
async function follow(
  app: AppContext,
  name: string,
  again: () => Promise<readonly CohortFile[]>,
  signal: AbortSignal,
): Promise<void> {
  const { store } = app;
  store.setState({ followed: name });
  const { fingerprint } = store.getState();
  const isShown = () => {
    const now = store.getState();
    return !signal.aborted && now.followed === name && now.fingerprint === fingerprint;
  };
  let seen = "";
  try {
    while (isShown()) {
      const files = (await again()).filter(({ path }) => belongsToResults(path));
      const now = stateOf(files);
      if (now !== seen) {
        const opened = await read(files);
        if (opened && isShown()) store.setState((state) => resultsFollowed(state, opened));
        seen = now;
      }
      await pause(LOOK_EVERY, signal);
    }
  } catch (error) {
    if (isShown()) notifyError(app, error);
  } finally {
    if (isShown()) store.setState({ followed: null });
  }
}

/** Changes when a file does. */
function stateOf(files: readonly CohortFile[]): string {
  return files
    .map(({ path, file }) => {
      const time = file instanceof File ? file.lastModified : 0;
      return `${path} ${file.size} ${time}`;
    })
    .join("\n");
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Leaves the results as they are. */
export function stopFollowing({ store, switches }: AppContext): void {
  switches.following?.abort();
  switches.following = null;
  store.setState({ followed: null });
}
