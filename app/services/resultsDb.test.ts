import "fake-indexeddb/auto";
import { openDB } from "idb";
import { describe, expect, it } from "vitest";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { cohortOf } from "../../testing/cohorts.ts";
import { resultOf } from "../../testing/results.ts";
import { createResultsDb } from "./resultsDb.ts";
import type { StoredExperiment } from "./services.ts";

let databases = 0;
const freshName = () => `test${++databases}`;

function stored(fingerprint: string, createdAt: string): StoredExperiment {
  return {
    fingerprint,
    experiment: parseExperiment({
      densities: [0.1],
      volumeFractions: [1],
      strategies: ["fixedInterval"],
    }),
    cohort: cohortOf(["a"]),
    cohortSource: "sample",
    createdAt,
    finished: false,
  };
}

describe("the results of the browser", () => {
  it("are there after a reload, of the experiment that is asked for, oldest first", async () => {
    const name = freshName();
    const db = createResultsDb(name);
    const late = resultOf({}, 0, [0.5], { finishedAt: "2026-01-02T00:00:00Z" });
    const early = resultOf({}, 1, [0.4], { finishedAt: "2026-01-01T00:00:00Z" });
    const other = resultOf({}, 0, [0.1], { experiment: "e2" });
    for (const result of [late, early, other]) await db.put(result);
    const reloaded = createResultsDb(name);
    expect(await reloaded.all("e")).toEqual([early, late]);
    expect(await reloaded.all("e2")).toEqual([other]);
    expect(await reloaded.all("")).toEqual([]);
  });

  it("are replaced by a later one of the same trial", async () => {
    const db = createResultsDb(freshName());
    await db.put(resultOf({}, 0, [0.5], { status: "failed", error: "x", iou: null }));
    const again = resultOf({}, 0, [0.6]);
    await db.put(again);
    expect(await db.all("e")).toEqual([again]);
  });

  it("leave out what cannot be read, and keep it", async () => {
    const name = freshName();
    const db = createResultsDb(name);
    await db.put(resultOf({}, 0, [0.5]));
    const raw = await openDB(name);
    await raw.put("results", { experiment: "e", trial: "future", schemaVersion: 99 });
    expect(await db.all("e")).toHaveLength(1);
    expect(await raw.count("results")).toBe(2);
    raw.close();
  });

  it("survive a newer version of the page in another tab", async () => {
    const name = freshName();
    const db = createResultsDb(name);
    const result = resultOf({}, 0, [0.5]);
    await db.put(result);
    const newer = await openDB(name, 2);
    newer.close();
    // The tab is too old now: it must say so instead of hanging.
    await expect(db.all("e")).rejects.toMatchObject({ code: "storage" });
  });

  it("say what to do when the browser refuses", async () => {
    const full = globalThis.indexedDB;
    const blocked = {
      open: () => {
        throw new DOMException("denied", "SecurityError");
      },
    };
    Object.defineProperty(globalThis, "indexedDB", { value: blocked, configurable: true });
    try {
      await expect(createResultsDb(freshName()).put(resultOf({}, 0, [0.5]))).rejects.toThrow(
        "the result could not be stored (denied); allow this page to store data",
      );
    } finally {
      Object.defineProperty(globalThis, "indexedDB", { value: full, configurable: true });
    }
  });
});

describe("the experiments of the browser", () => {
  it("are there after a reload, newest first", async () => {
    const name = freshName();
    const db = createResultsDb(name);
    const [old, young] = [stored("a", "2026-01-01"), stored("b", "2026-02-01")];
    await db.putExperiment(young);
    await db.putExperiment(old);
    const reloaded = createResultsDb(name);
    expect(await reloaded.experiments()).toEqual({ readable: [young, old], unreadable: [] });
    expect(await reloaded.experiment("a")).toEqual(old);
    expect(await reloaded.experiment("none")).toBeNull();
    await db.putExperiment({ ...old, finished: true });
    expect(await db.experiment("a")).toMatchObject({ finished: true });
  });

  it("say of what cannot be read why, and keep it beside the others", async () => {
    const db = createResultsDb(freshName());
    const nameless = stored("a", "2026");
    await db.putExperiment({ ...nameless, experiment: { ...nameless.experiment, name: "" } });
    await db.putExperiment(stored("b", "2026"));
    const why = 'experiment: name must be a text of 1 to 200 characters, got ""';
    expect(await db.experiments()).toEqual({
      readable: [stored("b", "2026")],
      unreadable: [{ fingerprint: "a", cohortId: "cohort", why }],
    });
    await expect(db.experiment("a")).rejects.toMatchObject({
      code: "storage",
      message: `the stored experiment could not be read (${why}); run it again`,
    });
  });
});
