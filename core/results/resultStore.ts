import type { TrialResult } from "./result.ts";

/** Where finished trials are kept: IndexedDB in the browser, a JSON Lines file in Node. */
export interface ResultStore {
  /** Keeps a result; a later one of the same trial takes its place. Resolves when it is safe. */
  put(result: TrialResult): Promise<void>;
  /** All results of an experiment, by fingerprint. */
  all(experiment: string): Promise<TrialResult[]>;
}
