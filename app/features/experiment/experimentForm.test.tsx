// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import type { Cohort } from "#core/cohort/cohort.ts";
import { type Experiment, parseExperiment } from "#core/experiment/experiment.ts";
import { planOf } from "#core/experiment/plan.ts";
import { presetOf, presets } from "#core/experiment/presets.ts";
import { StartBar } from "./ExperimentPage.tsx";
import { GridPanel } from "./GridPanel.tsx";
import { PlanTable } from "./PlanTable.tsx";
import { TrainingPanel } from "./TrainingPanel.tsx";

afterEach(cleanup);

const start = parseExperiment({
  densities: [0.1, 0.4],
  volumeFractions: [0.25, 1],
  strategies: ["fixedInterval"],
});
let edited: Experiment = start;

/** The form as the page joins it, with its experiment in view of the test. */
function Form() {
  const [experiment, setExperiment] = useState(start);
  edited = experiment;
  const onChange = (change: Partial<Experiment>) =>
    setExperiment((before) => ({ ...before, ...change }));
  const form = { experiment, onChange, disabled: false };
  return (
    <MantineProvider env="test">
      <GridPanel {...form} onPaperGrid={() => onChange({ densities: [0.05] })} />
      <TrainingPanel
        {...form}
        onPreset={(effort, recipe) => onChange(presetOf(recipe, effort, 1))}
      />
    </MantineProvider>
  );
}

function addTo(name: string, text: string) {
  const field = screen.getByLabelText(`Add to ${name}`);
  fireEvent.change(field, { target: { value: text } });
  fireEvent.keyDown(field, { key: "Enter" });
  return field;
}

describe("the experiment form", () => {
  it("adds typed shares in order, once each", () => {
    render(<Form />);
    addTo("densities", "20 %");
    addTo("densities", "0.05");
    addTo("densities", "20");
    expect(edited.densities).toEqual([0.05, 0.1, 0.2, 0.4]);
    addTo("volume fractions", "1/8");
    expect(edited.volumeFractions).toEqual([0.125, 0.25, 1]);
  });

  it("refuses what is no share, says the rule and keeps the text", () => {
    render(<Form />);
    const field = addTo("densities", "150 %");
    expect(edited.densities).toEqual([0.1, 0.4]);
    expect(field).toHaveProperty("value", "150 %");
    expect(screen.getByText(/at most 100 %.*got 150 %/)).toBeTruthy();
    expect(field.getAttribute("aria-invalid")).toBe("true");
  });

  it("removes a share by its cross and by Backspace", () => {
    render(<Form />);
    fireEvent.click(screen.getByLabelText("Remove 10 % from densities"));
    expect(edited.densities).toEqual([0.4]);
    fireEvent.keyDown(screen.getByLabelText("Add to volume fractions"), { key: "Backspace" });
    expect(edited.volumeFractions).toEqual([0.25]);
  });

  it("hands on a number only while it is inside its bounds", () => {
    render(<Form />);
    const batch = screen.getByLabelText("Batch size");
    fireEvent.change(batch, { target: { value: "16" } });
    expect(edited.batchSize).toBe(16);
    fireEvent.change(batch, { target: { value: "999" } });
    expect(edited.batchSize).toBe(16);
    expect(screen.getByText("from 1 to 256")).toBeTruthy();
  });

  it("shows which preset is on", () => {
    render(<Form />);
    const standard = screen.getByRole("button", { name: "Standard" });
    fireEvent.click(screen.getByRole("button", { name: "Quick" }));
    expect(edited).toMatchObject(presets.quick);
    expect(standard.getAttribute("aria-pressed")).toBe("false");
    fireEvent.click(standard);
    expect(standard.getAttribute("aria-pressed")).toBe("true");
    expect(edited).toMatchObject(presets.standard);
  });

  it("takes a recipe of the paper, and says what its size changes", () => {
    render(<Form />);
    fireEvent.change(screen.getByLabelText("Recipe"), { target: { value: "atlas2d" } });
    expect(edited.recipe.schedule).toMatchObject({ kind: "step", factor: 0.7 });
    expect(
      screen.getByText(/trains CAM-WNet; changed here: .*iterations 400 instead/),
    ).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Paper" }));
    expect(edited).toMatchObject({ iterations: 15_000, batchSize: 16, learningRate: 5e-5 });
    expect(screen.getByText(/trains CAM-WNet just so/)).toBeTruthy();
    fireEvent.change(screen.getByLabelText("Loss"), { target: { value: "diceFocal" } });
    expect(edited.recipe.loss).toEqual({ kind: "diceFocal", gamma: 2 });
    expect(screen.getByText("Changed by hand")).toBeTruthy();
  });

  it("takes several networks, each kind with its own batch and patch", () => {
    render(<Form />);
    expect(screen.queryByLabelText("Batch size, 3D")).toBeNull();
    fireEvent.click(screen.getByLabelText("3D U-Net"));
    expect(edited.networks).toEqual(["unet2d", "unet3d"]);
    fireEvent.click(screen.getByLabelText("3D patch size chosen automatically"));
    expect(edited.patch3d).toEqual([32, 48, 48]);
    fireEvent.change(screen.getByLabelText("3D patch depth, voxels"), { target: { value: "16" } });
    expect(edited.patch3d).toEqual([16, 48, 48]);
    fireEvent.click(screen.getByLabelText("2D U-Net"));
    expect(screen.queryByLabelText("Batch size")).toBeNull();
  });

  it("takes interpolations as one more list to compare, in their order", () => {
    render(<Form />);
    const group = screen.getByRole("group", { name: "Interpolation" });
    fireEvent.click(within(group).getByLabelText("Signed distance"));
    expect(edited.interpolators).toEqual(["none", "signedDistance"]);
    fireEvent.click(within(group).getByLabelText("Nearest copy"));
    expect(edited.interpolators).toEqual(["none", "nearest", "signedDistance"]);
    fireEvent.click(within(group).getByLabelText("No interpolation"));
    expect(edited.interpolators).toEqual(["nearest", "signedDistance"]);
  });

  it("lets the patch be chosen by hand", () => {
    render(<Form />);
    fireEvent.click(screen.getByLabelText("Patch size chosen automatically"));
    expect(edited.patch).toEqual([64, 64]);
    fireEvent.change(screen.getByLabelText("Patch height, pixels"), { target: { value: "96" } });
    expect(edited.patch).toEqual([96, 64]);
  });
});

const cohort: Cohort = {
  id: "c",
  name: "Ten",
  layout: "images-labels",
  labelNames: {},
  problems: [],
  cases: Array.from({ length: 10 }, (_, index) => ({
    id: `case${index}`,
    patient: `p${index}`,
    imagePath: "i",
    maskPath: "m",
    shape: [20, 32, 32],
    spacing: [1, 1, 1],
    orientation: null,
    dataType: "uint8",
    intensity: null,
    labels: [{ label: 1, voxels: 100 }],
    fingerprint: "f",
    problems: [],
  })),
};

function cellsOf(row: HTMLElement): string[] {
  return [...row.querySelectorAll("th, td")].map((cell) => cell.textContent ?? "");
}

describe("the plan", () => {
  const experiment = { ...start, split: { test: 0.2, validation: 0, seed: 1 } };

  it("lists volumes, slices and budget of every configuration, and no time yet", () => {
    const plan = planOf(experiment, cohort, {});
    render(
      <MantineProvider env="test">
        <PlanTable rows={plan.configurations} isMeasuring />
      </MantineProvider>,
    );
    const [, ...rows] = within(screen.getByRole("table", { name: "Plan" })).getAllByRole("row");
    // 8 volumes of 20 slices in the pool
    expect(rows.map(cellsOf)).toEqual([
      ["10 %", "1/4", "Fixed interval", "2", "2", "4", "measuring...", "-"],
      ["40 %", "1/4", "Fixed interval", "2", "8", "16", "measuring...", "-"],
      ["10 %", "1", "Fixed interval", "8", "2", "16", "measuring...", "-"],
      ["40 %", "1", "Fixed interval", "8", "8", "64", "measuring...", "-"],
    ]);
  });

  it("names the interpolation of a configuration once one interpolates", () => {
    const densities = [0.4];
    const both = { ...experiment, densities, interpolators: ["none", "signedDistance"] as const };
    const plan = planOf({ ...both, interpolators: [...both.interpolators] }, cohort, {});
    render(
      <MantineProvider env="test">
        <PlanTable rows={plan.configurations} isMeasuring />
      </MantineProvider>,
    );
    expect(screen.getByRole("columnheader", { name: "Interpolation" })).toBeTruthy();
    expect(screen.getAllByRole("cell", { name: "Signed distance" })).toHaveLength(2);
  });

  it.each([
    ["Open a cohort first", { plan: null }],
    ["A run is under way", { isRunning: true }],
    ["Not yet: give the experiment a name", { designProblem: "give the experiment a name" }],
    ["Measuring the device", { isCalibrating: true }],
    ["Solve the problems", { plan: planOf({ ...experiment, densities: [0.001] }, cohort, {}) }],
    ["Choose at least one", { plan: planOf({ ...experiment, densities: [] }, cohort, {}) }],
  ])("cannot start: %s", (reason, change) => {
    const free = { designProblem: null, isReading: false, isRunning: false, isCalibrating: false };
    const state = { plan: planOf(experiment, cohort, {}), ...free, ...change };
    render(
      <MantineProvider env="test">
        <StartBar state={state} onStart={() => {}} />
      </MantineProvider>,
    );
    expect(screen.getByRole("button", { name: "Start" })).toHaveProperty("disabled", true);
    expect(screen.getByText(new RegExp(reason))).toBeTruthy();
  });

  it("starts, and says how long it will take", () => {
    let started = 0;
    const speed = { secondsPerStep: 0.1, secondsPerSlice: 0.01, secondsPerStart: 1 };
    const plan = planOf(experiment, cohort, { unet2d: speed });
    const state = {
      plan,
      designProblem: null,
      isReading: false,
      isRunning: false,
      isCalibrating: false,
    };
    render(
      <MantineProvider env="test">
        <StartBar state={state} onStart={() => started++} />
      </MantineProvider>,
    );
    fireEvent.click(screen.getByRole("button", { name: "Start" }));
    expect(started).toBe(1);
    // 4 configurations x 3 repeats x (1 + 400 x 0.1 + 40 x 0.01) s = 496.8 s
    expect(screen.getByText("about 8 min 17 s")).toBeTruthy();
  });
});
