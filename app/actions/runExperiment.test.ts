import { afterEach, describe, expect, it, vi } from "vitest";
import { PlannerError } from "#core/errors.ts";
import { singleTarget } from "#core/experiment/target.ts";
import type { TrialResult } from "#core/results/result.ts";
import { cohortOf } from "../../testing/cohorts.ts";
import {
  doneResult,
  easyJobs,
  type Handlers,
  memoryResults,
  pageServices,
  workerOf,
} from "../../testing/pageServices.ts";
import type { Services } from "../services/services.ts";
import { RestartingWorker } from "../services/workers.ts";
import { createAppStore } from "../store/store.ts";
import { createActions } from "./actions.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const page of open.splice(0)) page.close();
});

/** A page with its cohort open, six trials designed. */
async function page(jobs: Partial<Handlers> = {}, over: Parameters<typeof pageServices>[1] = {}) {
  const fake = pageServices({ ...easyJobs(), ...jobs }, over);
  open.push(fake);
  const store = createAppStore();
  const actions = createActions({ store, services: fake.services });
  await actions.loadSampleCohort();
  actions.editExperiment({ densities: [0.1, 0.2, 0.4], volumeFractions: [0.5, 1], repeats: 1 });
  const texts = () => store.getState().notices.map(({ kind, text }) => `${kind}: ${text}`);
  return { ...fake, store, actions, texts };
}

type RunTrial = NonNullable<Handlers["runTrial"]>;

/** Fails the trials of these turns, counted from 1, as the engine's trial would. */
function failing(turns: readonly number[], deviceFailed: boolean): RunTrial {
  let turn = 0;
  return async ({ trial, experiment }) => {
    turn++;
    const result = doneResult(trial, experiment);
    if (!turns.includes(turn)) return { output: { result, deviceFailed: false } };
    const failed: TrialResult = {
      ...result,
      status: "failed",
      error: deviceFailed ? "the graphics device was lost" : "the loss is not finite",
      iou: null,
    };
    return { output: { result: failed, deviceFailed } };
  };
}

describe("a run", () => {
  it("does every trial, shows each result, keeps the screen on meanwhile", async () => {
    const shown: number[] = [];
    const awake: boolean[] = [];
    const { store, actions, services, texts, isAwake } = await page();
    store.subscribe((state, before) => {
      if (state.results === before.results) return;
      shown.push(state.results.length);
      awake.push(isAwake());
    });
    await actions.startRun();
    const { results, run, fingerprint } = store.getState();
    expect(results).toHaveLength(6);
    expect(shown).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(awake.slice(1).every(Boolean)).toBe(true);
    expect(isAwake()).toBe(false);
    expect(run).toMatchObject({ status: "idle", waiting: [], unfinished: null });
    expect(texts()).toEqual(["success: The experiment is finished: 6 trials done"]);
    expect(await services.results.experiment(fingerprint ?? "")).toMatchObject({ finished: true });
  });

  it("stores a result before it shows it", async () => {
    const results = memoryResults();
    const { store, actions } = await page({}, { results });
    const order: string[] = [];
    const put = results.put;
    results.put = async (result) => {
      await put(result);
      order.push(`stored ${result.trial}`);
    };
    store.subscribe((state, before) => {
      const last = state.results.at(-1);
      if (last && state.results !== before.results) order.push(`shown ${last.trial}`);
    });
    await actions.startRun();
    expect(order).toHaveLength(12);
    expect(order.map((entry) => entry.split(" ")[0])).toEqual(
      Array.from({ length: 6 }, () => ["stored", "shown"]).flat(),
    );
  });

  it("stores failed trials as failed and goes on", async () => {
    const { store, actions, services, texts } = await page({ runTrial: failing([2], false) });
    await actions.startRun();
    const { fingerprint } = store.getState();
    const stored = await services.results.all(fingerprint ?? "");
    expect(stored.map(({ status }) => status)).toEqual([
      "done",
      "failed",
      ...Array(4).fill("done"),
    ]);
    expect(texts()).toEqual(["error: 1 of 6 trials failed; the table of results says why"]);
  });

  it("goes on after one device failure and stops after two in a row", async () => {
    const once = await page({ runTrial: failing([1, 3], true) });
    await once.actions.startRun();
    expect(once.store.getState().results).toHaveLength(6);

    const twice = await page({ runTrial: failing([2, 3], true) });
    await twice.actions.startRun();
    expect(twice.store.getState().results).toHaveLength(3);
    expect(twice.texts()).toEqual([
      "error: The run stopped because the device failed twice in a row: the graphics device was " +
        "lost; choose another device or reload the page, then continue",
    ]);
    expect(twice.store.getState().run.unfinished).toMatchObject({ done: 1, total: 6 });
  });

  it("counts a worker that died as a device failure", async () => {
    const { store, actions, texts } = await page({
      runTrial: async () => {
        throw new PlannerError("device", "the background worker stopped unexpectedly; try again");
      },
    });
    await actions.startRun();
    const { results } = store.getState();
    expect(results.map(({ status, device }) => [status, device])).toEqual([
      ["failed", "unknown"],
      ["failed", "unknown"],
    ]);
    expect(texts()[0]).toContain("the device failed twice in a row");
  });

  it("stops at a result that cannot be stored, shows and exports it, and stores it later", async () => {
    const results = memoryResults();
    const { put } = results;
    let isFull = true;
    results.put = async (result) => {
      if (isFull && result.repeat === 0 && result.configuration.density > 0.1) {
        throw new PlannerError("storage", "the browser's storage is full; free some space");
      }
      await put(result);
    };
    const { store, actions, texts } = await page({}, { results });
    await actions.startRun();
    const { fingerprint, unstored, results: shown } = store.getState();
    const [stored, refused] = shown;
    expect(shown).toHaveLength(2);
    expect(unstored).toEqual([refused?.trial]);
    expect(await results.all(fingerprint ?? "")).toEqual([stored]);
    const json = await actions.exportResultsJson();
    expect(JSON.parse((await json?.blob.text()) ?? "").results).toEqual(shown);
    expect(store.getState().run).toMatchObject({ status: "idle", unfinished: { done: 1 } });
    expect(texts()).toEqual([
      "error: The run stopped: the browser's storage is full; free some space; the result stays " +
        "on this page until you close it and can be exported",
    ]);
    // Still full: nothing shown is lost by trying to go on.
    await actions.continueUnfinished();
    expect(store.getState()).toMatchObject({ results: shown, unstored });
    isFull = false;
    await actions.continueUnfinished();
    expect(store.getState().unstored).toEqual([]);
    expect(await results.all(fingerprint ?? "")).toHaveLength(6);
    expect(await results.all(fingerprint ?? "")).toContainEqual(refused);
  });

  it("stops when the cohort's voxels are gone, without failed results", async () => {
    const { store, actions, texts } = await page({
      runTrial: async () => {
        throw new PlannerError("storage", "the volumes are no longer stored; open them again");
      },
    });
    await actions.startRun();
    expect(store.getState().results).toEqual([]);
    expect(texts()).toEqual(["error: The volumes are no longer stored; open them again"]);
  });

  it("runs only what has no finished result", async () => {
    const seen: string[] = [];
    const easy = easyJobs();
    const { store, actions, texts } = await page({
      runTrial: (input, context) => {
        seen.push(input.trial.id);
        return easy.runTrial(input, context);
      },
    });
    await actions.startRun();
    expect(seen).toHaveLength(6);
    await actions.startRun();
    expect(seen).toHaveLength(6);
    expect(texts().at(-1)).toContain("nothing is left to run");
    // A larger grid of the same experiment shares what was done.
    actions.editExperiment({ densities: [0.1, 0.2, 0.4, 0.8] });
    await actions.startRun();
    expect(seen.slice(6)).toEqual([
      "unet2d-d0.8-v0.5-fixedInterval-none-r0",
      "unet2d-d0.8-v1-fixedInterval-none-r0",
    ]);
    expect(store.getState().results).toHaveLength(8);
  });

  it("counts a single trial in the singular", async () => {
    const { actions, texts } = await page();
    actions.editExperiment({ densities: [0.4], volumeFractions: [1] });
    await actions.startRun();
    expect(texts()).toEqual(["success: The experiment is finished: 1 trial done"]);
  });

  it("tries failed trials again", async () => {
    const { store, actions } = await page({ runTrial: failing([1], false) });
    await actions.startRun();
    await actions.startRun();
    const { results } = store.getState();
    expect(results).toHaveLength(6);
    expect(results.every(({ status }) => status === "done")).toBe(true);
  });

  it("does not count results of another method version", async () => {
    const results = memoryResults();
    const first = await page({}, { results });
    await first.actions.startRun();
    const { fingerprint } = first.store.getState();
    for (const result of await results.all(fingerprint ?? "")) {
      await results.put({ ...result, methodVersion: "0" });
    }
    let trials = 0;
    const easy = easyJobs();
    const next = await page(
      {
        runTrial: (input, context) => {
          trials++;
          return easy.runTrial(input, context);
        },
      },
      { results },
    );
    await next.actions.startRun();
    expect(trials).toBe(6);
  });
});

describe("cancel and pause", () => {
  /** Trials of many gated steps; `onStep` is called at each. */
  const slow =
    (onStep: (trialTurn: number, step: number) => void, steps = 50): RunTrial =>
    async ({ trial, experiment }, { signal, gate, report }) => {
      turn++;
      for (let step = 1; step <= steps; step++) {
        await gate();
        signal.throwIfAborted();
        onStep(turn, step);
        report({ phase: "train", step, steps, loss: 1 / step, secondsPerStep: 0.01 });
      }
      return { output: { result: doneResult(trial, experiment), deviceFailed: false } };
    };
  let turn = 0;
  afterEach(() => {
    turn = 0;
  });

  it("cancel keeps finished trials and puts the rest on offer", async () => {
    let cancel = (): void => undefined;
    const { store, actions, texts } = await page({
      runTrial: slow((trialTurn, step) => trialTurn === 3 && step === 10 && cancel()),
    });
    cancel = actions.cancelRun;
    await actions.startRun();
    const { results, run } = store.getState();
    expect(results).toHaveLength(2);
    expect(run).toMatchObject({ status: "idle", unfinished: { done: 2, total: 6 } });
    expect(texts()).toEqual(["info: The run was cancelled; finished trials are kept"]);
    await actions.continueUnfinished();
    expect(store.getState().results).toHaveLength(6);
    expect(store.getState().run.unfinished).toBeNull();
    expect(turn).toBe(7);
  });

  it("stores no failed trial when the worker did not stop and had to be ended", async () => {
    const busy = { ...easyJobs(), runTrial: () => new Promise<never>(() => undefined) };
    const trialWorker = new RestartingWorker(() => {
      const worker = workerOf(busy);
      open.push(worker);
      return worker;
    }, 0.02);
    const { store, actions, services, texts } = await page({}, { trialWorker });
    const run = actions.startRun();
    await vi.waitFor(() => expect(store.getState().run.waiting).toHaveLength(6));
    actions.cancelRun();
    await run;
    const { results, fingerprint, run: after } = store.getState();
    expect(results).toEqual([]);
    expect(await services.results.all(fingerprint ?? "")).toEqual([]);
    expect(after.unfinished).toMatchObject({ done: 0, total: 6 });
    expect(texts()).toEqual(["info: The run was cancelled; finished trials are kept"]);
  });

  it("pauses within one step and goes on from there", async () => {
    let steps = 0;
    let reached = (): void => undefined;
    const there = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const { store, actions, services } = await page({
      runTrial: slow((_, step) => {
        steps++;
        if (step === 10) reached();
      }),
    });
    const run = actions.startRun();
    await there;
    actions.pauseRun();
    expect(store.getState().run.status).toBe("paused");
    await services.trialWorker.run("keepCohorts", { cohortIds: [] });
    const held = steps;
    for (let round = 0; round < 20; round++) {
      await services.trialWorker.run("keepCohorts", { cohortIds: [] });
    }
    expect(steps).toBe(held);
    actions.resumeRun();
    expect(store.getState().run.status).toBe("running");
    await run;
    expect(steps).toBe(6 * 50);
    expect(store.getState().results).toHaveLength(6);
  });

  it("cancels a paused run", async () => {
    let pause = (): void => undefined;
    const { store, actions } = await page({
      runTrial: slow((_, step) => step === 5 && pause()),
    });
    pause = () => {
      actions.pauseRun();
      setTimeout(actions.cancelRun, 5);
    };
    await actions.startRun();
    expect(store.getState().run.status).toBe("idle");
    expect(store.getState().results).toEqual([]);
  });

  it("keeps the design as it is while a run is active", async () => {
    let edit = (): void => undefined;
    const { store, actions, texts } = await page({ runTrial: slow(() => edit(), 2) });
    edit = () => actions.applyPaperGrid();
    await actions.startRun();
    expect(store.getState().experiment.densities).toEqual([0.1, 0.2, 0.4]);
    expect(texts()[0]).toContain("A run is under way");
  });

  it("keeps at most 400 losses and changes the page at most four times a second", async () => {
    // A page that believes 1 ms goes by between two reports.
    let time = 0;
    const fast: Partial<Services> = { now: () => ++time };
    const { store, actions } = await page({ runTrial: slow(() => undefined, 5000) }, fast);
    actions.editExperiment({ densities: [0.1], volumeFractions: [1] });
    let changes = 0;
    let most = 0;
    const phases: (readonly [number, number])[][] = [];
    store.subscribe(({ run }, before) => {
      if (run === before.run) return;
      changes++;
      most = Math.max(most, run.losses.length);
      if (run.progress?.step === 5000) phases.push([...run.losses]);
    });
    await actions.startRun();
    expect(changes).toBeLessThan(5000 / 250 + 10);
    expect(most).toBeGreaterThan(300);
    expect(most).toBeLessThanOrEqual(400);
    const steps = (phases[0] ?? []).map(([step]) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    const gaps = steps.slice(1).map((step, index) => step - (steps[index] as number));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(26);
  });
});

describe("a run that cannot start", () => {
  it("says that no cohort is open", async () => {
    const fake = pageServices(easyJobs());
    open.push(fake);
    const store = createAppStore();
    const actions = createActions({ store, services: fake.services });
    await actions.startRun();
    expect(store.getState().notices[0]?.text).toBe(
      "No cases are open; open a cohort before starting a run",
    );
    expect(store.getState().run.status).toBe("idle");
  });

  const broken = { severity: "error" as const, message: "not a NIfTI file", paths: [] };
  it.each([
    {
      what: "no usable case",
      cohort: cohortOf(["a", "b"], { problems: [broken] }),
      change: {},
      text: "No case has an image and a mask that can be used; see the table for why",
    },
    {
      what: "a target that no case has",
      cohort: cohortOf([..."abcd"]),
      change: { target: singleTarget([7]) },
      text: "Label 7 occurs in no case; choose among 1",
    },
    {
      what: "no name",
      cohort: cohortOf([..."abcd"]),
      change: { name: "" },
      text: "Give the experiment a name",
    },
    {
      what: "an impossible split",
      cohort: cohortOf([..."abcd"]),
      change: { split: { test: ["nobody"], validation: [] } },
      text: "split.test must list cases of the cohort, got nobody",
    },
    {
      what: "a single case",
      cohort: cohortOf(["a"]),
      change: {},
      text: "must hold at least one case",
    },
    {
      what: "a density that gives no slice",
      cohort: cohortOf([..."abcdefgh"], { shape: [4, 8, 8] }),
      change: { densities: [0.1, 0.5] },
      text: "Density must give at least one slice, got 0.1 of 4 slices",
    },
    {
      what: "a volume fraction that gives no volume",
      cohort: cohortOf([..."abcd"]),
      change: { volumeFractions: [0.125] },
      text: "Volume fraction must give at least one volume, got 0.125 of",
    },
  ])("says of $what what is wrong", async ({ cohort, change, text }) => {
    const { store, actions, texts, services } = await page(easyJobs(cohort));
    for (const { id } of store.getState().notices) actions.dismissNotice(id);
    actions.editExperiment(change);
    await actions.startRun();
    expect(texts()).toHaveLength(1);
    expect(texts()[0]?.toLowerCase()).toContain(text.toLowerCase());
    expect(store.getState().run.status).toBe("idle");
    expect((await services.results.experiments()).readable).toEqual([]);
  });
});
