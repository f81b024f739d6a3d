// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CaseSummary, Cohort } from "#core/cohort/cohort.ts";
import { App } from "./App.tsx";
import type { Actions } from "./actions/actions.ts";
import { resultOf } from "./features/results/resultOf.fixture.ts";
import { initialRun } from "./store/runSlice.ts";
import { createAppStore } from "./store/store.ts";

afterEach(cleanup);
beforeEach(() => {
  location.hash = "";
});

function caseOf(index: number, problems: CaseSummary["problems"] = []): CaseSummary {
  return {
    id: `case${index}`,
    patient: `p${index}`,
    imagePath: "i",
    maskPath: "m",
    shape: [20, 32, 32],
    spacing: [3, 0.75, 0.75],
    orientation: { stored: "LAS", canonical: "RAS" },
    dataType: "uint8",
    intensity: null,
    labels: [{ label: 2, voxels: 2048 }],
    fingerprint: "f",
    problems,
  };
}

const broken = { severity: "error", message: "gzip data ends early", paths: ["i"] } as const;
const cohort: Cohort = {
  id: "c",
  name: "Ten scans",
  layout: "images-labels",
  labelNames: { 2: "Liver" },
  problems: [{ severity: "warning", message: "notes.txt was left out", paths: ["notes.txt"] }],
  cases: [...Array.from({ length: 9 }, (_, index) => caseOf(index)), caseOf(9, [broken])],
};

/** The page with a real store and actions that only note that they were called. */
function show() {
  const store = createAppStore();
  const calls: [string, unknown][] = [];
  const actions = new Proxy({} as Actions, {
    get: (_, name) => async (argument: unknown) => {
      calls.push([String(name), argument]);
    },
  });
  render(<App page={{ store, actions }} />);
  return { store, calls };
}

/** Follows a link of the steps; the address changes as a browser changes it. */
function open(step: RegExp) {
  const link = within(screen.getByRole("navigation")).getByRole("link", { name: step });
  act(() => {
    location.hash = link.getAttribute("href") ?? "";
    window.dispatchEvent(new Event("hashchange"));
  });
}

const rowOf = (table: string, name: string) =>
  within(screen.getByRole("table", { name: table }))
    .getByRole("rowheader", { name })
    .closest("tr")?.textContent;

describe("the page", () => {
  it("begins with two ways to a cohort and one click to an experiment", () => {
    const { calls } = show();
    for (const name of ["Open the sample cohort", "Run a quick experiment"]) {
      fireEvent.click(screen.getByRole("button", { name }));
    }
    expect(screen.getByRole("button", { name: "Choose a folder" })).toBeTruthy();
    expect(calls.map(([name]) => name)).toEqual(["loadSampleCohort", "quickExperiment"]);
  });

  it("says that a chosen folder holds nothing", () => {
    const { calls } = show();
    const input = screen.getByLabelText("Folder of images and masks");
    fireEvent(input, new Event("cancel", { bubbles: true }));
    expect(screen.getByText(/an empty folder holds nothing to open/)).toBeTruthy();
    fireEvent.change(input);
    expect(calls).toEqual([["addFiles", expect.objectContaining({ files: [] })]]);
  });

  it("passes on why a drop cannot be read", async () => {
    const { calls } = show();
    const entry = {
      isFile: true,
      fullPath: "/a.nii",
      file: (_: unknown, refuse: (why: Error) => void) => refuse(new Error("gone")),
    };
    const drop = new Event("drop", { bubbles: true, cancelable: true });
    const dataTransfer = {
      types: ["Files"],
      items: [{ webkitGetAsEntry: () => entry }],
      files: [],
    };
    await act(async () => {
      window.dispatchEvent(Object.assign(drop, { dataTransfer }));
    });
    expect(calls).toEqual([["refuseFiles", new Error("gone")]]);
  });

  it("lists every case with what is wrong with it, and can hide the sound ones", () => {
    const { store } = show();
    act(() => store.setState({ cohort, cohortSource: "files" }));
    expect(screen.getByText(/notes.txt was left out/)).toBeTruthy();
    const sound = "case0ReadyChangeP020 × 32 × 323 × 0.75 × 0.75LAS2 Liver10 %m";
    expect(rowOf("Cases", "case0")?.toLowerCase()).toBe(sound.toLowerCase());
    expect(rowOf("Cases", "case9")).toContain("Not used: gzip data ends early");
    fireEvent.click(screen.getByRole("checkbox", { name: "Problems only (1)" }));
    const [, ...rows] = within(screen.getByRole("table", { name: "Cases" })).getAllByRole("row");
    expect(rows).toHaveLength(1);
  });

  it("turns the split into lists of cases when one is moved", async () => {
    const { store, calls } = show();
    act(() => store.setState({ cohort, cohortSource: "files" }));
    const part = await screen.findByLabelText("Part of case3");
    fireEvent.change(part, { target: { value: "test" } });
    const split = expect.objectContaining({ test: expect.arrayContaining(["case3"]) });
    expect(calls).toEqual([["editExperiment", { split }]]);
  });

  it("shows a run that begins, wherever it was begun", () => {
    const { store } = show();
    act(() => store.setState({ run: { ...initialRun, status: "running", total: 6 } }));
    expect(location.hash).toBe("#run");
  });

  it("offers to go on with an experiment of an earlier visit", () => {
    const { store, calls } = show();
    const unfinished = { name: "Grid", done: 7, total: 60 };
    act(() => store.setState({ run: { ...initialRun, unfinished } }));
    open(/Run/);
    expect(screen.getByText(/7 of 60 trials are done/)).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Go on" }));
    expect(calls).toEqual([["continueUnfinished", undefined]]);
  });

  it("names the experiment that results are of, however the form reads now", () => {
    const { store } = show();
    const { experiment } = store.getState();
    const definition = { experiment: { ...experiment, name: "Livers" }, cohort };
    const result = resultOf({ density: 0.1 });
    act(() => {
      store.setState({ definition, results: [result], unstored: [result.trial] });
      store.setState({ experiment: { ...experiment, name: "Next one" } });
    });
    open(/Results/);
    expect(screen.getByText(/1 finished trial of “Livers”/)).toBeTruthy();
    expect(screen.getByText(/1 result could not be stored/)).toBeTruthy();
    open(/Run/);
    expect(screen.getByText(/1 trial of “Livers” has ended/)).toBeTruthy();
    expect(screen.queryByText(/Next one/)).toBeNull();
  });

  it("says in the steps what failed, and why in the results", () => {
    const { store } = show();
    const failed = resultOf({}, { status: "failed", error: "the GPU was lost", iou: null });
    act(() => store.setState({ results: [failed] }));
    open(/Results.*1 failed/);
    expect(screen.getByText("Failed: the GPU was lost")).toBeTruthy();
    expect(screen.getByText(/No point yet/)).toBeTruthy();
  });

  it("shows notices until they are dismissed", () => {
    const { store, calls } = show();
    act(() => store.setState({ notices: [{ id: 4, kind: "error", text: "The folder is empty" }] }));
    expect(screen.getByRole("alert").textContent).toContain("The folder is empty");
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(calls).toEqual([["dismissNotice", 4]]);
  });
});
