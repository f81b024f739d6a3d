import { describe, expect, it } from "vitest";
import { curveOf } from "#core/evaluation/curve.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { namedLines } from "./lineLooks.ts";
import { resultOf } from "./resultOf.fixture.ts";

const experiment = parseExperiment({
  densities: [0.1, 0.4],
  volumeFractions: [0.125, 1],
  strategies: ["fixedInterval"],
});

describe("namedLines", () => {
  it("tells every line apart by colour, dash and marker", () => {
    const results = [0.125, 0.25, 0.5, 1].map((volumeFraction) => resultOf({ volumeFraction }));
    const lines = namedLines(curveOf(results), experiment);
    for (const sign of ["colour", "dash", "marker"] as const) {
      expect(new Set(lines.map(({ look }) => look[sign])).size).toBe(4);
    }
    expect(lines.map(({ label }) => label)).toEqual([
      "1/8 of the volumes",
      "1/4 of the volumes",
      "1/2 of the volumes",
      "all volumes",
    ]);
  });

  it("keeps a line's look while others appear", () => {
    const late = resultOf({ volumeFraction: 1 });
    const [alone] = namedLines(curveOf([late]), experiment);
    const both = namedLines(curveOf([resultOf({ volumeFraction: 0.125 }), late]), experiment);
    expect(both.at(-1)?.look).toEqual(alone?.look);
  });

  it("names strategies only where they differ, and shows them by dash", () => {
    const two = { ...experiment, strategies: ["fixedInterval", "uniformRandom"] as const };
    const results = [
      resultOf({ strategy: "fixedInterval" }),
      resultOf({ strategy: "uniformRandom" }),
    ];
    const [fixed, random] = namedLines(curveOf(results), {
      ...two,
      strategies: [...two.strategies],
    });
    expect([fixed?.label, random?.label]).toEqual([
      "all volumes, Fixed interval",
      "all volumes, Random",
    ]);
    expect(fixed?.look.colour).toBe(random?.look.colour);
    expect(fixed?.look.dash).not.toBe(random?.look.dash);
  });
});
