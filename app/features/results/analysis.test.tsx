// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import type { TrialResult } from "#core/results/result.ts";
import { easyJobs, pageServices } from "../../../testing/pageServices.ts";
import { resultOf } from "../../../testing/results.ts";
import { App } from "../../App.tsx";
import { createActions } from "../../actions/actions.ts";
import { createAppStore } from "../../store/store.ts";

const closing: (() => void)[] = [];
beforeEach(() => {
  location.hash = "#results";
});
afterEach(() => {
  cleanup();
  for (const close of closing.splice(0)) close();
});

/** Trials in which twice the volumes gain 0.04 and twice the density 0.02. */
function trials(densities: readonly number[], cases = 24): TrialResult[] {
  const random = seededRandom(3);
  const levels = Array.from({ length: cases }, () => 0.05 * random.normal());
  return densities.flatMap((density) =>
    [0.25, 0.5, 1].flatMap((volumeFraction) =>
      [0, 1, 2].map((repeat) => {
        const mean = 0.7 + 0.04 * Math.log2(volumeFraction) + 0.02 * Math.log2(density);
        const scores = levels.map((level) => mean + level + 0.01 * random.normal());
        return resultOf({ density, volumeFraction }, repeat, scores);
      }),
    ),
  );
}

/** The results step over real actions and a real analysis. */
function show(results: readonly TrialResult[]) {
  const { services, saved, close } = pageServices(easyJobs());
  closing.push(close);
  const store = createAppStore();
  store.setState({ fingerprint: "e", results });
  render(<App page={{ store, actions: createActions({ store, services }) }} />);
  return { store, saved };
}

const slow = { timeout: 20_000 };
const planLine = () => document.querySelector(".planLine")?.textContent ?? "";
const factOf = (name: string) => screen.getByText(name).nextElementSibling?.textContent ?? "";

describe("what the results say", () => {
  it("says findings with their intervals, and has the numbers as a table", async () => {
    show(trials([0.1, 0.2, 0.4]));
    const panel = within(await screen.findByRole("region", { name: "What the results say" }, slow));
    await panel.findByText(
      /doubling volumes gained 0\.0\d\d \[0\.0\d\d, 0\.0\d\d\] more than doubling density\.$/,
      undefined,
      slow,
    );
    const table = within(panel.getByRole("table", { name: "Findings in numbers", hidden: true }));
    const rows = table.getAllByRole("row", { hidden: true }).map((row) => row.textContent);
    const gain = rows.find((text) => text?.includes("volumes less density"));
    expect(gain).toMatch(/\+0\.0[12]\d\[\+0\.0\d\d, \+0\.0\d\d\]/);
    expect(rows.some((text) => text?.startsWith("1/2 of volumes at 10 % instead of"))).toBe(true);
  }, 30_000);

  it("warns plainly where data are too few, and says how many are needed", async () => {
    show(trials([0.1], 4));
    await screen.findByText(/^4 test cases: intervals are wide/, undefined, slow);
    const info = await screen.findByText(/Not enough different configurations/, undefined, slow);
    expect(info.textContent).toContain("at least 4 different configurations, got 3");
    expect(planLine()).toContain("no score promised");
  }, 30_000);
});

describe("the plan for a budget", () => {
  it("follows budget, unit and cost at once, and is remembered", async () => {
    const { store, saved } = show(trials([0.1, 0.2, 0.4]));
    const slider = await screen.findByLabelText("Budget", undefined, slow);
    // A tenth of 80 volumes of 40 slices.
    expect(slider.getAttribute("aria-valuetext")).toBe("320 slices");
    expect(planLine()).toMatch(/^80 volumes × 4 slices each: 320 slices, expected IoU 0\.6\d\d \[/);
    const results = store.getState().results;

    fireEvent.change(slider, { target: { value: "200" } });
    expect(slider.getAttribute("aria-valuetext")).toBe("3,200 slices");
    const number = screen.getByLabelText("Budget, slices");
    fireEvent.change(number, { target: { value: "80" } });
    await waitFor(() => expect(planLine()).toMatch(/: 80 slices, expected IoU/));
    expect(saved().planning).toMatchObject({ unit: "slices", amount: 80 });

    const cheap = factOf("Cost");
    fireEvent.change(screen.getByLabelText("Hourly rate"), { target: { value: "100" } });
    await waitFor(() => expect(factOf("Cost")).not.toBe(cheap));
    expect(Number.parseInt(factOf("Cost"), 10)).toBeCloseTo(2 * Number.parseInt(cheap, 10), -1);
    expect(planLine()).toMatch(/: 80 slices/);

    // The same plan in hours: what is bought does not shrink.
    fireEvent.click(screen.getByLabelText("Hours"));
    await waitFor(() => expect(slider.getAttribute("aria-valuetext")).toMatch(/hours$/));
    expect(Number(/: (\d+) slices/.exec(planLine())?.[1])).toBeGreaterThanOrEqual(80);
    // Nothing was trained or analysed again.
    expect(store.getState().results).toBe(results);
  }, 30_000);

  it("calls a score outside what was measured a guess", async () => {
    show(trials([0.1, 0.2, 0.4]));
    const number = await screen.findByLabelText("Budget, slices", undefined, slow);
    expect(planLine()).not.toContain("a guess");
    // At most 4 slices of 20 volumes were the least measured.
    fireEvent.change(number, { target: { value: "3" } });
    await waitFor(() => expect(planLine()).toMatch(/^[123] volumes? .*, a guess$/));
    expect(screen.getByText(/lie outside what the experiment measured/)).toBeTruthy();
  }, 30_000);

  it("says so when a budget pays for nothing", async () => {
    show(trials([0.1, 0.2, 0.4]));
    const number = await screen.findByLabelText("Budget, slices", undefined, slow);
    fireEvent.change(number, { target: { value: "0" } });
    await screen.findByText("Budget must pay for at least one slice of one volume, got 0 slices.");
  }, 30_000);
});
