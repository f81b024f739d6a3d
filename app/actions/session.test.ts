import { afterEach, describe, expect, it } from "vitest";
import { PlannerError } from "#core/errors.ts";
import { singleTarget } from "#core/experiment/target.ts";

import { cohortOf } from "../../testing/cohorts.ts";
import {
  easyJobs,
  type Handlers,
  memoryResults,
  pageServices,
  readingOf,
} from "../../testing/pageServices.ts";
import { createAppStore } from "../store/store.ts";
import { createActions } from "./actions.ts";

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const page of opened.splice(0)) page.close();
});

function visit(jobs: Partial<Handlers> = {}, over: Parameters<typeof pageServices>[1] = {}) {
  const fake = pageServices({ ...easyJobs(), ...jobs }, over);
  opened.push(fake);
  const store = createAppStore();
  const actions = createActions({ store, services: fake.services });
  const texts = () => store.getState().notices.map(({ kind, text }) => `${kind}: ${text}`);
  return { ...fake, store, actions, texts };
}

const someFiles = [{ path: "a.nii", file: new Blob(["x"]) }];

describe("opening a cohort", () => {
  it("shows progress, then the cohort, and frees what is not needed", async () => {
    const kept: (readonly string[])[] = [];
    const { store, actions, saved } = visit({
      keepCohorts: async ({ cohortIds }) => {
        kept.push(cohortIds);
        return { output: null };
      },
    });
    const readings: unknown[] = [];
    store.subscribe(({ reading }, before) => {
      if (reading !== before.reading) readings.push(reading);
    });
    await actions.addFiles({ files: someFiles, name: "My folder" });
    expect(readings).toEqual([
      { done: 0, total: 0, caseId: "" },
      { done: 1, total: 1, caseId: "a" },
      null,
    ]);
    expect(store.getState()).toMatchObject({ cohort: { id: "cohort" }, cohortSource: "files" });
    expect(kept).toEqual([["cohort"]]);
    expect(saved()).toMatchObject({ cohortId: "cohort", cohortSource: "files" });
  });

  it.each([
    {
      what: "an empty folder",
      files: [],
      jobs: {},
      text: "error: The folder holds no files; choose one with images and masks",
    },
    {
      what: "a full storage",
      files: someFiles,
      jobs: {
        readCohort: async () => {
          throw new PlannerError("storage", "the storage is full; free some disk space");
        },
      },
      text: "error: The storage is full; free some disk space",
    },
  ])("keeps the cohort before when it fails by $what", async ({ files, jobs, text }) => {
    const first = visit();
    await first.actions.loadSampleCohort();
    const { store, actions, texts } = visit(jobs);
    store.setState({ cohort: first.store.getState().cohort, cohortSource: "sample" });
    await actions.addFiles({ files: files, name: "x" });
    expect(store.getState()).toMatchObject({ cohortSource: "sample", reading: null });
    expect(texts()).toEqual([text]);
  });

  it.each([
    {
      what: "no image among the files",
      jobs: {
        readCohort: async () => {
          throw new PlannerError("cohort", "no image among 1 files; choose another folder");
        },
      },
      text: "error: No image among 1 files; choose another folder",
    },
    {
      what: "no usable case",
      jobs: {
        readCohort: async () => {
          const problems = [
            { severity: "error" as const, message: "gzip data ends early", paths: [] },
          ];
          return { output: readingOf(cohortOf([..."wxyz"], { problems }, "wrong")) };
        },
      },
      text:
        "error: No case of Test cohort can be used, so the cohort before stays open: " +
        "w: gzip data ends early; x: gzip data ends early; y: gzip data ends early; and 1 more",
    },
  ])(
    "$what keeps the cohort before, its voxels and a split made by hand",
    async ({ jobs, text }) => {
      const kept: (readonly string[])[] = [];
      const easy = easyJobs();
      let isWrong = false;
      const { store, actions, saved, texts } = visit({
        readCohort: (input, context) =>
          isWrong ? jobs.readCohort() : easy.readCohort(input, context),
        keepCohorts: async ({ cohortIds }) => {
          kept.push(cohortIds);
          return { output: null };
        },
      });
      await actions.addFiles({ files: someFiles, name: "Mine" });
      actions.editExperiment({ split: { test: ["a", "b"], validation: ["c"] } });
      const before = { cohort: store.getState().cohort, experiment: store.getState().experiment };
      const savedBefore = saved();
      isWrong = true;
      await actions.addFiles({ files: someFiles, name: "Wrong" });
      expect(store.getState()).toMatchObject({ ...before, reading: null });
      expect(saved()).toEqual(savedBefore);
      expect(kept).toEqual([["cohort"]]);
      expect(texts()).toEqual([text]);
    },
  );

  it("keeps a split made by hand when the first folder of a visit has no usable case", async () => {
    const problems = [{ severity: "error" as const, message: "torn", paths: [] }];
    const { store, actions, saved } = visit(easyJobs(cohortOf(["z"], { problems }, "wrong")));
    const split = { test: ["a", "b"], validation: ["c"] };
    actions.editExperiment({ split });
    await actions.addFiles({ files: someFiles, name: "Wrong" });
    expect(store.getState()).toMatchObject({ cohort: { id: "wrong" }, experiment: { split } });
    expect(saved().cohortId).toBeNull();
  });

  it("says in its own words why a drop could not be read", async () => {
    const { actions, texts } = visit();
    actions.refuseFiles(new DOMException("A file could not be found", "NotFoundError"));
    expect(texts()).toEqual([
      "error: What was dropped could not be read (A file could not be found); drop it again, or " +
        "choose the folder by the button",
    ]);
  });

  it("says how many cases can be used", async () => {
    const problem = { severity: "error" as const, message: "torn", paths: [] };
    const good = cohortOf(["a", "b"]);
    const broken = cohortOf(["c"], { problems: [problem] });
    const mixed = { ...good, cases: [...good.cases, ...broken.cases] };
    const some = visit(easyJobs(mixed));
    await some.actions.addFiles({ files: someFiles, name: "x" });
    expect(some.texts()).toEqual([
      "info: 2 of 3 cases can be used; the table says what is wrong with the others",
    ]);
    const none = visit(easyJobs(broken));
    await none.actions.addFiles({ files: someFiles, name: "x" });
    expect(none.texts()[0]).toContain("No case of Test cohort can be used");
  });

  it("can be stopped, silently", async () => {
    const { store, actions, texts } = visit({
      readCohort: async (_, { gate, signal }) => {
        for (;;) {
          await gate();
          signal.throwIfAborted();
        }
      },
    });
    const reading = actions.addFiles({ files: someFiles, name: "x" });
    await actions.addFiles({ files: someFiles, name: "y" });
    expect(texts()).toEqual(["info: Files are being read; wait or stop that first"]);
    actions.cancelReading();
    await reading;
    expect(store.getState()).toMatchObject({ cohort: null, reading: null });
    expect(texts()).toHaveLength(1);
  });
});

describe("devices", () => {
  it("are looked for at the start and chosen by the user", async () => {
    const { store, actions, saved } = visit();
    await actions.restoreSession();
    expect(store.getState().device).toMatchObject({ choice: "auto", report: { chosen: "webgpu" } });
    await actions.chooseDevice("cpu");
    expect(store.getState().device).toMatchObject({ choice: "cpu", report: { chosen: "cpu" } });
    expect(saved().choice).toBe("cpu");
  });

  it("stay as they are when the chosen one is not available", async () => {
    const easy = easyJobs();
    const { store, actions, texts } = visit({
      probeDevices: (input, context) => {
        if (input.choice !== "webgpu") return easy.probeDevices(input, context);
        throw new PlannerError("device", "WebGPU is not available here; choose another device");
      },
    });
    await actions.probeDevices();
    await actions.chooseDevice("webgpu");
    expect(store.getState().device).toMatchObject({ choice: "auto", report: { chosen: "webgpu" } });
    expect(texts()).toEqual(["error: WebGPU is not available here; choose another device"]);
  });

  it("fall back to automatic where the one of the last visit is gone", async () => {
    const easy = easyJobs();
    const { store, actions } = visit(
      {
        probeDevices: (input, context) => {
          if (input.choice !== "webgpu") return easy.probeDevices(input, context);
          throw new PlannerError("device", "WebGPU is not available here; choose another device");
        },
      },
      { saved: { choice: "webgpu" } },
    );
    await actions.restoreSession();
    expect(store.getState().device).toMatchObject({ choice: "auto", report: { chosen: "webgpu" } });
  });

  it("are measured for the cohort's largest slices; another design needs another measure", async () => {
    const asked: unknown[] = [];
    const easy = easyJobs();
    const { store, actions, texts } = visit({
      calibrate: (input, context) => {
        asked.push(input.shape);
        return easy.calibrate(input, context);
      },
    });
    await actions.calibrate();
    expect(texts()[0]).toContain("open a cohort before measuring");
    await actions.loadSampleCohort();
    await actions.calibrate();
    expect(asked).toEqual([[20, 32, 48]]);
    expect(store.getState().device).toMatchObject({
      calibrating: false,
      speeds: { unet2d: { secondsPerStep: 0.1 } },
    });
    actions.editExperiment({ repeats: 2, densities: [0.5] });
    expect(store.getState().device.speeds).not.toBeNull();
    actions.editExperiment({ batchSize: 2 });
    expect(store.getState().device.speeds).toBeNull();
  });
});

describe("the quick experiment", () => {
  it("opens the sample, designs and runs: one click", async () => {
    const { store, actions, texts } = visit();
    await actions.quickExperiment();
    const { cohortSource, definition, results } = store.getState();
    expect(cohortSource).toBe("sample");
    expect(definition?.experiment).toMatchObject({
      name: "Quick experiment",
      target: singleTarget([1]),
    });
    expect(results).toHaveLength(6);
    expect(texts().at(-1)).toContain("finished: 6 trials");
  });

  it("leaves the design in the form as it is, with a split and a target of another cohort", async () => {
    const { store, actions, saved, texts } = visit({
      readCohort: async ({ name }) => ({
        output: readingOf(
          name === "Sample"
            ? cohortOf([..."abcdefghij"])
            : cohortOf([..."vwxyz"], { labels: [{ label: 7, voxels: 9 }] }, "mine"),
        ),
      }),
    });
    await actions.addFiles({ files: someFiles, name: "Mine" });
    actions.editExperiment({
      name: "Livers",
      densities: [0.3],
      split: { test: ["v"], validation: [] },
      target: singleTarget([7]),
    });
    const draft = store.getState().experiment;
    await actions.quickExperiment();
    expect(texts().at(-1)).toContain("finished: 6 trials");
    expect(store.getState().experiment).toEqual(draft);
    expect(saved().experiment).toEqual(draft);
    await actions.addFiles({ files: someFiles, name: "Mine" });
    expect(store.getState().experiment).toEqual(draft);
  });

  it("does nothing more when the sample cannot be opened", async () => {
    const { store, actions, texts } = visit(
      {},
      {
        loadSample: async () => {
          throw new PlannerError("cohort", "the sample could not be fetched; try again");
        },
      },
    );
    await actions.quickExperiment();
    expect(store.getState().results).toEqual([]);
    expect(texts()).toEqual(["error: The sample could not be fetched; try again"]);
  });
});

describe("the next visit", () => {
  /** A visit that was left in the middle of a run: two of six trials are done. */
  async function leftInTheMiddle() {
    const results = memoryResults();
    let turn = 0;
    const easy = easyJobs();
    const first = visit(
      {
        runTrial: (input, context) => {
          turn++;
          if (turn === 3) first.actions.cancelRun();
          context.signal.throwIfAborted();
          return easy.runTrial(input, context);
        },
      },
      { results },
    );
    await first.actions.quickExperiment();
    return { results, first };
  }

  it("has cohort, experiment and results, and offers to go on", async () => {
    const { results, first } = await leftInTheMiddle();
    const count = first.store.getState().results.length;
    expect(count).toBeLessThan(6);
    const next = visit({}, { results, saved: first.saved() });
    await next.actions.restoreSession();
    const state = next.store.getState();
    expect(state.cohort).toEqual(first.store.getState().cohort);
    expect(state.cohortSource).toBe("sample");
    expect(state.experiment).toEqual(first.store.getState().experiment);
    expect(state.results).toEqual(first.store.getState().results);
    expect(state.definition).toEqual(first.store.getState().definition);
    expect(state.run.unfinished).toEqual({ name: "Quick experiment", done: count, total: 6 });
    await next.actions.continueUnfinished();
    expect(next.store.getState().results).toHaveLength(6);
    expect(next.store.getState().run.unfinished).toBeNull();
  });

  it("reads the sample again when its voxels are gone", async () => {
    const { results, first } = await leftInTheMiddle();
    const next = visit(
      { openCohort: async () => ({ output: null }) },
      { results, saved: first.saved() },
    );
    await next.actions.restoreSession();
    expect(next.store.getState().cohort).toBeNull();
    expect(next.saved().cohortId).toBeNull();
    await next.actions.continueUnfinished();
    expect(next.store.getState().results).toHaveLength(6);
  });

  it("says that files are needed when the voxels of one's own cohort are gone", async () => {
    const { results, first } = await leftInTheMiddle();
    for (const stored of (await results.experiments()).readable) {
      await results.putExperiment({ ...stored, cohortSource: "files" });
    }
    const next = visit(
      { openCohort: async () => ({ output: null }) },
      { results, saved: first.saved() },
    );
    await next.actions.continueUnfinished();
    expect(next.texts()[0]).toContain("no longer stored in this browser; open its files again");
    expect((await results.experiments()).readable).toHaveLength(1);
  });

  it("offers no more what was given up, and keeps its results", async () => {
    const { results, first } = await leftInTheMiddle();
    const next = visit({}, { results, saved: first.saved() });
    await next.actions.restoreSession();
    await next.actions.discardUnfinished();
    expect(next.store.getState().run.unfinished).toBeNull();
    const last = visit({}, { results, saved: first.saved() });
    await last.actions.restoreSession();
    expect(last.store.getState().run.unfinished).toBeNull();
    expect(last.store.getState().results).toEqual(first.store.getState().results);
  });

  it("says what can no longer be read, and keeps its results in sight and its voxels", async () => {
    const { results, first } = await leftInTheMiddle();
    const why = 'experiment: network must be one of unet2d, got "later"';
    results.experiment = async () => {
      throw new PlannerError("storage", why);
    };
    results.experiments = async () => ({
      readable: [],
      unreadable: [{ fingerprint: "e", cohortId: "theirs", why }],
    });
    const kept: (readonly string[])[] = [];
    const next = visit(
      {
        keepCohorts: async ({ cohortIds }) => {
          kept.push(cohortIds);
          return { output: null };
        },
      },
      { results, saved: first.saved() },
    );
    await next.actions.restoreSession();
    const { definition, results: shown } = next.store.getState();
    expect(definition).toBeNull();
    expect(shown).toEqual(first.store.getState().results);
    expect(await next.actions.exportResultsJson()).toBeNull();
    expect(next.texts()).toEqual([
      `error: A stored experiment can no longer be read (${why}); run it again to see it here`,
      expect.stringContaining("The experiment of these results can no longer be read"),
    ]);
    await next.actions.addFiles({ files: someFiles, name: "x" });
    expect(kept).toEqual([["cohort", "theirs"]]);
  });

  it("restores what it can when a part fails", async () => {
    const results = memoryResults();
    results.experiments = async () => {
      throw new PlannerError("storage", "stored experiments could not be read; allow it");
    };
    const { store, actions, texts } = visit({}, { results, saved: { cohortId: "cohort" } });
    await actions.restoreSession();
    expect(store.getState().cohort?.id).toBe("cohort");
    expect(texts()).toEqual(["error: Stored experiments could not be read; allow it"]);
  });
});

describe("exports", () => {
  it("are files of the experiment that is shown", async () => {
    const { store, actions } = visit();
    await actions.quickExperiment();
    // Editing afterwards does not change what the results belong to.
    actions.editExperiment({ name: "Something else", iterations: 7 });
    const json = await actions.exportResultsJson();
    expect(json?.fileName).toBe("quick-experiment.json");
    const read = JSON.parse((await json?.blob.text()) ?? "");
    expect(read.experiment.iterations).toBe(100);
    expect(read.results).toEqual(store.getState().results);
    expect(store.getState().definition?.experiment).toMatchObject({
      name: "Quick experiment",
      iterations: 100,
    });
    const csv = await actions.exportResultsCsv();
    expect(csv?.fileName).toBe("quick-experiment.csv");
    expect((await csv?.blob.text())?.trim().split("\r\n")).toHaveLength(7);
  });

  it("are refused while there is nothing", async () => {
    const { actions, texts } = visit();
    expect(await actions.exportResultsJson()).toBeNull();
    expect(await actions.exportResultsCsv()).toBeNull();
    expect(texts()).toEqual(["error: There are no results to export yet; run an experiment"]);
  });
});
