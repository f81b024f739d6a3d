import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { presets } from "#core/experiment/presets.ts";
import { singleTarget } from "#core/experiment/target.ts";
import { caseSummary, cohortOf } from "../../testing/cohorts.ts";
import { resultOf } from "../../testing/results.ts";
import { cohortOpened, readingProgressed, readingStarted, readingStopped } from "./cohortSlice.ts";
import {
  experimentEdited,
  fittedToCohort,
  initialExperiment,
  paperGridApplied,
  presetApplied,
} from "./experimentSlice.ts";
import { initialNotices, noticeAdded, noticeDismissed } from "./noticesSlice.ts";
import { initialResults, resultAdded, resultStored, resultsOpened } from "./resultsSlice.ts";
import { MAX_LOSSES, withLosses } from "./runSlice.ts";
import { isRunActive, labelsOf, usableCaseCount } from "./selectors.ts";
import type { NoticesSlice, ResultsSlice } from "./state.ts";
import { changeRun, createAppStore } from "./store.ts";

const broken = { severity: "error" as const, message: "not a NIfTI file", paths: [] };

describe("the store", () => {
  it("starts as plain data: what is cloned is the same", () => {
    const state = createAppStore().getState();
    expect(structuredClone(state)).toEqual(state);
    expect(isRunActive(state)).toBe(false);
    expect(usableCaseCount(state)).toBe(0);
  });

  it("gives every page a state of its own", () => {
    const [one, other] = [createAppStore(), createAppStore()];
    changeRun(one, { status: "paused" });
    expect(isRunActive(one.getState())).toBe(true);
    expect(isRunActive(other.getState())).toBe(false);
  });
});

describe("the cohort slice", () => {
  it("keeps the cohort before while another is read, and when reading stops", () => {
    const store = createAppStore();
    const cohort = cohortOf(["a", "b"]);
    store.setState(cohortOpened(cohort, "sample"));
    store.setState(readingStarted());
    store.setState(readingProgressed({ done: 1, total: 2, caseId: "x" }));
    expect(store.getState()).toMatchObject({
      cohort,
      cohortSource: "sample",
      reading: { done: 1, total: 2, caseId: "x" },
    });
    store.setState(readingStopped());
    expect(store.getState()).toMatchObject({ cohort, cohortSource: "sample", reading: null });
  });

  it("counts usable cases and their labels", () => {
    const cases = [
      caseSummary("a", {
        labels: [
          { label: 2, voxels: 5 },
          { label: 1, voxels: 5 },
        ],
      }),
      caseSummary("b", { labels: [{ label: 2, voxels: 5 }] }),
      caseSummary("c", { labels: [{ label: 3, voxels: 5 }], problems: [broken] }),
    ];
    const cohort = { ...cohortOf([]), cases, labelNames: { 2: "posterior" } };
    const store = createAppStore();
    store.setState(cohortOpened(cohort, "files"));
    expect(usableCaseCount(store.getState())).toBe(2);
    expect(labelsOf(cohort)).toEqual([
      { label: 1, name: null, cases: 1 },
      { label: 2, name: "posterior", cases: 2 },
    ]);
  });
});

describe("the experiment slice", () => {
  const fitted = (change: Parameters<typeof experimentEdited>[1], cohort = cohortOf(["a", "b"])) =>
    fittedToCohort({ experiment: { ...initialExperiment.experiment, ...change } }, cohort)
      .experiment;

  it("changes only the fields that are named", () => {
    const { experiment } = experimentEdited(initialExperiment, { repeats: 7 });
    expect(experiment).toEqual({ ...initialExperiment.experiment, repeats: 7 });
  });

  it("takes a preset's effort and the paper's grid", () => {
    expect(presetApplied(initialExperiment, "paper", "own").experiment).toMatchObject(
      presets.paper,
    );
    expect(paperGridApplied(initialExperiment).experiment).toMatchObject({
      densities: [0.05, 0.1, 0.2, 0.4, 0.8],
      volumeFractions: [0.125, 0.25, 0.5, 1],
    });
  });

  it("takes all labels of a cohort that has none of the target's", () => {
    expect(fitted({ target: singleTarget([9]) })?.target.classes[0]?.labels).toEqual([1]);
    expect(fitted({ target: singleTarget([1]) })?.target.classes[0]?.labels).toEqual([1]);
    const unread = cohortOf(["a"], { problems: [broken] });
    expect(fitted({ target: singleTarget([9]) }, unread)?.target.classes[0]?.labels).toEqual([9]);
  });

  it("drops a split by case of another cohort", () => {
    const theirs = { test: ["x"], validation: [] };
    const ours = { test: ["a"], validation: [] };
    expect(fitted({ split: theirs })?.split).toEqual(initialExperiment.experiment.split);
    expect(fitted({ split: ours })?.split).toEqual(ours);
    const lists = [
      { test: ["a"], validation: ["x"] },
      { test: ["a"], validation: [], pool: ["b", "x"] },
    ];
    for (const split of lists) {
      expect(fitted({ split })?.split).toEqual(initialExperiment.experiment.split);
    }
  });
});

describe("the loss curve", () => {
  it("keeps at most 400 points, ascending, evenly spread, however they come", () => {
    const steps = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 500 }), (count, together) => {
        let losses: readonly (readonly [number, number])[] = [];
        for (let first = 1; first <= count; first += together) {
          const last = Math.min(count, first + together - 1);
          const some = Array.from(
            { length: last - first + 1 },
            (_, k) => [first + k, 1 / (first + k)] as const,
          );
          losses = withLosses(losses, some, count);
        }
        expect(losses.length).toBe(Math.min(count, MAX_LOSSES));
        expect(losses[0]).toEqual([1, 1]);
        const gaps = losses.slice(1).map(([step], k) => step - (losses[k]?.[0] ?? 0));
        expect(gaps.every((gap) => gap >= 1 && gap <= Math.ceil(count / MAX_LOSSES))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

describe("the results slice", () => {
  it("puts a result in the place of an earlier one of its trial", () => {
    const first = resultOf({}, 0, [0.4]);
    const again = resultOf({}, 0, [0.6]);
    const other = resultOf({}, 1, [0.5]);
    const state = { ...initialResults, fingerprint: "e", results: [first, other] };
    expect(resultAdded(state, again).results).toEqual([other, again]);
    expect(resultAdded(state, { ...again, experiment: "another" })).toEqual({});
  });

  it("marks results that were not stored until they are", () => {
    const [one, other] = [resultOf({}, 0, [0.4]), resultOf({}, 1, [0.6])];
    let state: ResultsSlice = { ...initialResults, fingerprint: "e" };
    state = { ...state, ...resultAdded(state, one, false) };
    state = { ...state, ...resultAdded(state, other) };
    expect(state).toMatchObject({ results: [one, other], unstored: [one.trial] });
    expect(resultStored(state, one.trial)).toEqual({ unstored: [] });
    expect(resultAdded(state, one).unstored).toEqual([]);
    expect(resultsOpened("f", null, [])).toEqual({ ...initialResults, fingerprint: "f" });
  });
});

describe("the notices slice", () => {
  const added = (texts: readonly string[]): NoticesSlice => {
    let state = initialNotices;
    for (const text of texts) state = { ...state, ...noticeAdded(state, "error", text) };
    return state;
  };

  it("gives every notice an id of its own and shows the same text once", () => {
    const state = added(["a", "b", "a"]);
    expect(state.notices.map(({ id, text }) => [id, text])).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
    const dismissed = noticeDismissed(state, 1);
    expect(dismissed.notices?.map(({ text }) => text)).toEqual(["b"]);
  });

  it("lets the oldest go", () => {
    const state = added(["a", "b", "c", "d", "e", "f", "g"]);
    expect(state.notices.map(({ text }) => text)).toEqual(["b", "c", "d", "e", "f", "g"]);
  });
});
