// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { curveOf } from "#core/evaluation/curve.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { axesOf, BudgetChart } from "./BudgetChart.tsx";
import { CurveTable } from "./CurveTable.tsx";
import { namedLines } from "./lineLooks.ts";
import { resultOf } from "./resultOf.fixture.ts";
import { TrialsTable } from "./TrialsTable.tsx";

afterEach(cleanup);

const experiment = parseExperiment({
  densities: [0.1, 0.4],
  volumeFractions: [0.25, 1],
  strategies: ["fixedInterval"],
});

const scored = (mean: number) => ({ iou: { mean, pooled: mean, perCase: [] } });
const results = [
  resultOf({ density: 0.1, volumeFraction: 1 }, { ...scored(0.6), annotatedSlices: 160 }),
  resultOf(
    { density: 0.1, volumeFraction: 1 },
    { ...scored(0.64), repeat: 1, annotatedSlices: 164 },
  ),
  resultOf({ density: 0.4, volumeFraction: 0.25 }, { ...scored(0.55), annotatedSlices: 150 }),
  resultOf(
    { density: 0.1, volumeFraction: 0.25 },
    { status: "failed", error: "loss is not finite at step 3", iou: null, finalLoss: null },
  ),
];
const lines = namedLines(curveOf(results), experiment);

function bodyOf(name: string): string[][] {
  const [, ...rows] = within(screen.getByRole("table", { name })).getAllByRole("row");
  return rows.map((row) =>
    [...row.querySelectorAll("th, td")].map((cell) => cell.textContent ?? ""),
  );
}

describe("the curve's table", () => {
  it("has one row per point, means and spread over repeats, failed trials left out", () => {
    render(
      <MantineProvider env="test">
        <CurveTable lines={lines} />
      </MantineProvider>,
    );
    expect(bodyOf("Points of the curve")).toEqual([
      ["1/4", "Fixed interval", "40 %", "10", "150", "0.550", "one repeat", "1"],
      // sample standard deviation of 0.60 and 0.64: 0.04 / sqrt(2)
      ["1", "Fixed interval", "10 %", "40", "162", "0.620", "± 0.028", "2"],
    ]);
  });
});

describe("the curve", () => {
  const show = () => {
    render(<BudgetChart lines={lines} />);
    return screen.getAllByTestId("curve-point").map((marker) => {
      const [x = 0, y = 0] = (marker.getAttribute("transform") ?? "").match(/[\d.]+/g) ?? [];
      return { marker, x: Number(x), y: Number(y) };
    });
  };

  it("places every point: more budget to the right, a higher score above", () => {
    const [few, many] = show();
    // 150 slices scored 0.55, 162 scored 0.62
    expect(many?.x).toBeGreaterThan(few?.x ?? Number.NaN);
    expect(many?.y).toBeLessThan(few?.y ?? Number.NaN);
    expect(screen.getByRole("img").getAttribute("aria-label")).toContain("2 points");
  });

  it("explains the point under the pointer, and none away from all", () => {
    const [, many] = show();
    const chart = screen.getByRole("img").parentElement as HTMLElement;
    fireEvent.pointerMove(chart, { clientX: (many?.x ?? 0) + 5, clientY: (many?.y ?? 0) - 5 });
    expect(screen.getByText("IoU 0.620 ± 0.028")).toBeTruthy();
    expect(screen.getByText("162 slices: density 10 % of 40 volumes")).toBeTruthy();
    fireEvent.pointerMove(chart, { clientX: 0, clientY: 0 });
    expect(screen.queryByText(/162 slices/)).toBeNull();
  });
});

describe("tables of an experiment with interpolation", () => {
  it("tell methods apart", () => {
    const both = [
      resultOf({ interpolator: "none" }, { trial: "a" }),
      resultOf({ interpolator: "signedDistance" }, { trial: "b" }),
    ];
    render(
      <MantineProvider env="test">
        <CurveTable lines={namedLines(curveOf(both), experiment)} />
        <TrialsTable results={both} />
      </MantineProvider>,
    );
    for (const name of ["Points of the curve", "Trials"]) {
      const table = within(screen.getByRole("table", { name }));
      expect(table.getByRole("columnheader", { name: "Interpolation" })).toBeTruthy();
      expect(table.getAllByRole("cell", { name: "Signed distance" })).toHaveLength(1);
    }
  });
});

describe("the curve's axes", () => {
  it("hold every point with its spread", () => {
    const { xAxis, yTicks } = axesOf(lines);
    expect(xAxis.domain[0]).toBeLessThan(150);
    expect(xAxis.domain[1]).toBeGreaterThan(162);
    expect(yTicks[0]).toBeLessThanOrEqual(0.55);
    expect(yTicks.at(-1)).toBeGreaterThanOrEqual(0.62 + 0.029);
  });

  it("never leave 0 to 1", () => {
    const perfect = [resultOf({}, scored(1)), resultOf({ density: 0.4 }, scored(0))];
    const { yTicks } = axesOf(namedLines(curveOf(perfect), experiment));
    expect([yTicks[0], yTicks.at(-1)]).toEqual([0, 1]);
  });
});

describe("the table of trials", () => {
  it("says why a trial failed, and sorts by score with scoreless trials last", () => {
    render(
      <MantineProvider env="test">
        <TrialsTable results={results} />
      </MantineProvider>,
    );
    expect(screen.getByText("Failed: loss is not finite at step 3")).toBeTruthy();
    const head = screen.getByRole("button", { name: "IoU" });
    fireEvent.click(head);
    const scores = () => bodyOf("Trials").map((cells) => cells[5]);
    expect(scores()).toEqual(["0.550", "0.600", "0.640", "-"]);
    expect(head.closest("th")?.getAttribute("aria-sort")).toBe("ascending");
    fireEvent.click(head);
    expect(scores()).toEqual(["0.640", "0.600", "0.550", "-"]);
  });
});
