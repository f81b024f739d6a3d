import { describe, expect, it } from "vitest";
import { resultOf } from "../../testing/results.ts";
import { seededRandom } from "../random.ts";
import { volumeContrasts } from "./contrasts.ts";
import { pairedDifference } from "./pairedDifferences.ts";
import { compareStrategies } from "./strategyComparison.ts";

/** Scores of 20 test cases around a mean, the same cases easy and hard in every trial. */
const scores = (mean: number, seed: number, noise = 0.02) => {
  const random = seededRandom(seed);
  return Array.from({ length: 20 }, (_, k) => mean + 0.1 * Math.sin(k) + noise * random.normal());
};

describe("pairedDifference", () => {
  it("finds a small shift that unpaired scores would hide", () => {
    const first = [0, 1, 2].map((repeat) => resultOf({}, repeat, scores(0.63, repeat)));
    const second = [0, 1, 2].map((repeat) => resultOf({}, repeat, scores(0.6, 10 + repeat)));
    const found = pairedDifference(first, second, seededRandom(1));
    expect(found).toMatchObject({ cases: 20, seeds: 3 });
    expect(found?.difference).toBeCloseTo(0.03, 1);
    expect(found?.interval[0]).toBeGreaterThan(0.01);
    expect(found?.interval[1]).toBeLessThan(0.05);
    expect(found?.p).toBeLessThan(0.001);
  });

  it("holds no difference in its interval about 95 times in 100", () => {
    let held = 0;
    for (let seed = 0; seed < 100; seed++) {
      const trial = (offset: number) =>
        [0, 1].map((repeat) => resultOf({}, repeat, scores(0.6, seed * 100 + offset + repeat)));
      const found = pairedDifference(trial(0), trial(10), seededRandom(seed));
      if (found && found.interval[0] <= 0 && found.interval[1] >= 0) held++;
    }
    expect(held).toBeGreaterThanOrEqual(90);
  });

  it("pairs repeats: trials of different seeds are not compared", () => {
    const random = seededRandom(1);
    expect(pairedDifference([resultOf({}, 0, [0.5])], [resultOf({}, 1, [0.5])], random)).toBeNull();
  });

  it("leaves out cases that are undefined in either", () => {
    const full = resultOf({}, 0, [0.5, 0.7]);
    const half = resultOf({}, 0, [0.4, 0.4]);
    const [first, second] = half.iou?.perCase ?? [];
    const perCase = first && second ? [first, { ...second, iou: null }] : [];
    const holed = { ...half, iou: { mean: 0.4, pooled: 0.4, perCase } };
    expect(pairedDifference([full], [holed], seededRandom(1))).toMatchObject({
      cases: 1,
      difference: expect.closeTo(0.1, 12),
    });
  });
});

describe("volumeContrasts", () => {
  const grid = [0.25, 0.5, 1].flatMap((volumeFraction) =>
    [0.1, 0.2, 0.4].flatMap((density) =>
      [0, 1, 2].map((repeat) =>
        resultOf(
          { volumeFraction, density },
          repeat,
          // Doubling volumes gains 0.05, doubling density 0.02.
          scores(0.6 + 0.05 * Math.log2(volumeFraction) + 0.02 * Math.log2(density), repeat + 1),
        ),
      ),
    ),
  );
  const contrasts = volumeContrasts(grid, seededRandom(1));

  it("compares every pair of neighbours on an equal-budget diagonal", () => {
    expect(contrasts).toHaveLength(4);
    for (const { wide, deep } of contrasts) {
      expect(wide.volumeFraction).toBe(2 * deep.volumeFraction);
      expect(wide.density * wide.volumeFraction).toBeCloseTo(deep.density * deep.volumeFraction);
    }
  });

  it("finds that volumes gain 0.03 more than density, at every budget", () => {
    for (const { difference, adjustedP, p } of contrasts) {
      expect(difference).toBeCloseTo(0.03, 6);
      expect(adjustedP).toBeGreaterThanOrEqual(p);
      expect(adjustedP).toBeLessThan(0.01);
    }
  });

  it("leaves failed trials out", () => {
    const failed = grid.map((one) => ({ ...one, status: "failed" as const, iou: null }));
    expect(volumeContrasts(failed, seededRandom(1))).toEqual([]);
  });
});

describe("compareStrategies", () => {
  const run = (shift: number) =>
    [0.05, 0.1, 0.2, 0.4, 0.8].flatMap((density, k) =>
      [0.5, 1].flatMap((volumeFraction) => [
        resultOf({ density, volumeFraction }, 0, scores(0.5 + 0.05 * k, k)),
        resultOf(
          { density, volumeFraction, strategy: "uniformRandom" },
          0,
          scores(0.5 + 0.05 * k + shift + 0.001 * Math.cos(7 * k + volumeFraction), k),
        ),
      ]),
    );

  it("says that two strategies within a thousandth are equivalent at a margin of 0.01", () => {
    const { blocks, pairs } = compareStrategies(run(0));
    expect(blocks).toBe(10);
    expect(pairs).toHaveLength(1);
    expect(pairs[0]?.equivalence?.p).toBeLessThan(0.001);
  });

  it("says that 0.03 apart they differ", () => {
    const [pair] = compareStrategies(run(0.03)).pairs;
    expect(pair?.difference).toBeCloseTo(-0.03, 2);
    expect(pair?.adjustedP).toBeLessThan(0.01);
    expect(pair?.equivalence?.p).toBeGreaterThan(0.5);
  });

  it("gives disparities that sum to 0 in every block", () => {
    const { disparities } = compareStrategies(run(0.02));
    disparities.fixedInterval?.forEach((value, k) => {
      expect(value + (disparities.uniformRandom?.[k] ?? Number.NaN)).toBeCloseTo(0, 12);
    });
  });

  it("uses only blocks that have every strategy", () => {
    const [first, ...rest] = run(0);
    expect(compareStrategies(rest).blocks).toBe(9);
    expect(first).toBeDefined();
  });
});
