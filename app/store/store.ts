import { createStore, type StoreApi } from "zustand/vanilla";
import { initialCohort } from "./cohortSlice.ts";
import { initialDevice } from "./deviceSlice.ts";
import { initialExperiment } from "./experimentSlice.ts";
import { initialNotices } from "./noticesSlice.ts";
import { initialPlanning } from "./planningSlice.ts";
import { initialResults } from "./resultsSlice.ts";
import { initialRun } from "./runSlice.ts";
import type { AppState, DeviceSlice, RunSlice } from "./state.ts";

export type AppStore = StoreApi<AppState>;

/** A page's state at its start: plain data, changed by `app/actions` alone. */
export function createAppStore(): AppStore {
  return createStore<AppState>()(() => ({
    ...initialCohort,
    ...initialExperiment,
    device: initialDevice,
    run: initialRun,
    ...initialResults,
    ...initialPlanning,
    ...initialNotices,
  }));
}

/** Changes fields of the run. */
export function changeRun(store: AppStore, change: Partial<RunSlice>): void {
  store.setState(({ run }) => ({ run: { ...run, ...change } }));
}

/** Changes fields of the device. */
export function changeDevice(store: AppStore, change: Partial<DeviceSlice>): void {
  store.setState(({ device }) => ({ device: { ...device, ...change } }));
}
