import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetOf, slicesPerVolume, volumesOf } from "./budget.ts";
import { paperDensities, paperVolumeFractions } from "./presets.ts";
import { defaultSelection } from "./selection.ts";

describe("slicesPerVolume", () => {
  it.each([
    { density: 0.1, slices: 35, expected: 4 }, // 3.5, halves up
    { density: 0.05, slices: 10, expected: 1 }, // 0.5
    { density: 0.4, slices: 176, expected: 70 }, // 70.4
    { density: 1, slices: 7, expected: 7 },
  ])("density $density of $slices slices is $expected", ({ density, slices, expected }) => {
    expect(slicesPerVolume(density, slices)).toBe(expected);
  });

  it("refuses a density that gives no slice and names the smallest that does", () => {
    expect(() => slicesPerVolume(0.01, 35)).toThrow(
      "density must give at least one slice, got 0.01 of 35 slices (the smallest that does is 0.015)",
    );
    expect(slicesPerVolume(0.015, 35)).toBe(1);
  });

  it("never exceeds the slices there are", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        (density, slices) => {
          expect(slicesPerVolume(density, slices)).toBeLessThanOrEqual(slices);
        },
      ),
    );
  });
});

describe("volumesOf", () => {
  it.each([
    { fraction: 1 / 8, pool: 96, expected: 12 },
    { fraction: 1 / 8, pool: 90, expected: 11 }, // 11.25
    { fraction: 1 / 8, pool: 500, expected: 63 }, // 62.5, halves up
    { fraction: 1, pool: 72, expected: 72 },
  ])("$fraction of $pool volumes is $expected", ({ fraction, pool, expected }) => {
    expect(volumesOf(fraction, pool)).toBe(expected);
  });

  it("refuses a fraction that gives no volume", () => {
    expect(() => volumesOf(0.01, 30)).toThrow(
      "volume fraction must give at least one volume, got 0.01 of 30 volumes in the training pool",
    );
  });
});

describe("budgetOf", () => {
  // The paper's grid over its own data sets: methods, section 1.3, recomputed with whole slices.
  it.each([
    { name: "LiTS", pool: 96, depth: 384, slices: [228, 456, 924, 1848, 3684] },
    { name: "DBC", pool: 72, depth: 176, slices: [81, 162, 315, 630, 1269] },
  ])("of $name at 1/8 of the volumes is $slices slices", ({ pool, depth, slices }) => {
    const depths = new Array<number>(volumesOf(paperVolumeFractions[0], pool)).fill(depth);
    expect(
      paperDensities.map(
        (density) => budgetOf({ density, strategy: "fixedInterval" }, depths).slices,
      ),
    ).toEqual(slices);
  });

  it("sums over volumes of different depth", () => {
    expect(budgetOf({ density: 0.1, strategy: "fixedInterval" }, [35, 24, 45])).toEqual({
      volumes: 3,
      fewestVolumes: 3,
      slicesPerVolume: [2, 5],
      slices: 4 + 2 + 5,
    });
  });

  describe("when slices are picked over all volumes together", () => {
    const depths = [40, 40, 20, 20];
    const joint = (fewest: number, most: number | null) =>
      budgetOf({ density: 0.1, strategy: "coreset" }, depths, {
        ...defaultSelection,
        scope: "cohort",
        quota: { fewest, most },
      });

    it.each([
      { fewest: 0, most: null, volumes: 1, range: [0, 40] }, // 12 slices fit in one volume
      { fewest: 0, most: 2, volumes: 2, range: [0, 8] }, // at most 8, 8, 4, 4
      { fewest: 0.5, most: 2, volumes: 4, range: [1, 8] },
      { fewest: 1, most: null, volumes: 4, range: [2, 40] },
    ])("$fewest to $most times the usual number", ({ fewest, most, volumes, range }) => {
      const budget = joint(fewest, most);
      expect(budget.slices).toBe(12);
      expect([budget.fewestVolumes, budget.volumes]).toEqual([volumes, 4]);
      expect(budget.slicesPerVolume).toEqual(range);
    });

    it("changes nothing for a strategy that spreads slices along a volume", () => {
      const selection = { ...defaultSelection, scope: "cohort" as const };
      const configuration = { density: 0.1, strategy: "fixedInterval" as const };
      expect(budgetOf(configuration, depths, selection)).toEqual(budgetOf(configuration, depths));
    });
  });
});
