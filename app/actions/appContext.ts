import type { Hold } from "#workers/client.ts";
import type { CohortFile } from "#workers/protocol.ts";
import type { Services } from "../services/services.ts";
import type { AppStore } from "../store/store.ts";

/** What actions work on. */
export interface AppContext {
  readonly store: AppStore;
  readonly services: Services;
  /** Switches of the work under way; they are no state that a page could show. */
  readonly switches: Switches;
}

export interface Switches {
  /** Stops reading files; null when none are read. */
  reading: AbortController | null;
  /** Files of the cohort that is open, for reading it again; null after a reload. */
  folder: { readonly name: string; readonly files: readonly CohortFile[] } | null;
  /** Stops and holds the run; null when there is none. */
  run: { readonly stop: AbortController; readonly hold: Hold } | null;
  /** Ends the watch over files of results; null when none is kept. */
  following: AbortController | null;
}

export function createAppContext(store: AppStore, services: Services): AppContext {
  return {
    store,
    services,
    switches: { reading: null, folder: null, run: null, following: null },
  };
}
