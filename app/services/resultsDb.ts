import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { messageOf, PlannerError } from "#core/errors.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { parseResult, type TrialResult } from "#core/results/result.ts";
import type {
  ResultsDb,
  StoredExperiment,
  StoredExperiments,
  UnreadableExperiment,
} from "./services.ts";

interface Schema extends DBSchema {
  /** Key [experiment fingerprint, trial id]. */
  results: { key: [string, string]; value: TrialResult };
  /** Key fingerprint. */
  experiments: { key: string; value: StoredExperiment };
}

/** Raised with a step in `upgrade` when a store changes; old steps are never edited. */
const VERSION = 1;

/**
 * Experiments and results in IndexedDB. What cannot be read any more (written by a version
 * that is not known here) is left where it is; of experiments it is said.
 *
 * @throws PlannerError "storage" from every function when the browser refuses
 */
export function createResultsDb(name = "slicewise"): ResultsDb {
  let opened: Promise<IDBPDatabase<Schema>> | null = null;
  const forget = () => {
    opened = null;
  };
  const open = () => {
    opened ??= openDB<Schema>(name, VERSION, {
      upgrade(db, from) {
        if (from < 1) {
          db.createObjectStore("results", { keyPath: ["experiment", "trial"] });
          db.createObjectStore("experiments", { keyPath: "fingerprint" });
        }
      },
      // Another tab wants a newer version: let it, and open again when needed.
      blocking(_from, _to, event) {
        (event.target as IDBDatabase).close();
        forget();
      },
      terminated: forget,
    }).catch((error: unknown) => {
      forget();
      throw error;
    });
    return opened;
  };

  return {
    put: (result) =>
      guarded("the result could not be stored", async () => {
        const tx = (await open()).transaction("results", "readwrite", { durability: "strict" });
        await Promise.all([tx.store.put(result), tx.done]);
      }),
    all: (experiment) =>
      guarded("stored results could not be read", async () => {
        const range = IDBKeyRange.bound([experiment], [experiment, []]);
        const found = await (await open()).getAll("results", range);
        return found
          .flatMap((result) => readable(() => parseResult(result)))
          .sort((a, b) => compareText(a.finishedAt, b.finishedAt));
      }),
    putExperiment: (stored) =>
      guarded("the experiment could not be stored", async () => {
        await (await open()).put("experiments", stored);
      }),
    experiment: (fingerprint) =>
      guarded("the stored experiment could not be read", async () => {
        const found = await (await open()).get("experiments", fingerprint);
        return found ? parsed(found) : null;
      }),
    experiments: () =>
      guarded("stored experiments could not be read", async () => {
        const found = await (await open()).getAll("experiments");
        return sorted(found);
      }),
  };
}

/** @throws PlannerError "experiment" naming what of the stored experiment cannot be read */
function parsed(stored: StoredExperiment): StoredExperiment {
  return { ...stored, experiment: parseExperiment(stored.experiment) };
}

function sorted(found: readonly StoredExperiment[]): StoredExperiments {
  const readable: StoredExperiment[] = [];
  const unreadable: UnreadableExperiment[] = [];
  for (const stored of found) {
    try {
      readable.push(parsed(stored));
    } catch (error) {
      const { fingerprint, cohort } = stored as Partial<StoredExperiment>;
      unreadable.push({
        fingerprint: fingerprint ?? "",
        cohortId: cohort?.id ?? null,
        why: messageOf(error),
      });
    }
  }
  readable.sort((a, b) => compareText(b.createdAt, a.createdAt));
  return { readable, unreadable };
}

function readable<T>(read: () => T): T[] {
  try {
    return [read()];
  } catch {
    return [];
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof PlannerError) {
      throw new PlannerError("storage", `${what} (${cause.message}); run it again`, { cause });
    }
    const isFull = cause instanceof Error && cause.name === "QuotaExceededError";
    const why = isFull ? "the browser's storage is full" : messageOf(cause);
    const help = isFull
      ? "free some space, then continue"
      : "allow this page to store data, or leave private browsing";
    throw new PlannerError("storage", `${what} (${why}); ${help}`, { cause });
  }
}
