import { describe, expect, it } from "vitest";
import { parseExperiment } from "./experiment.ts";
import { configurationsOf, expandExperiment, experimentFingerprint } from "./trial.ts";

const experiment = parseExperiment({
  densities: [0.05, 0.1, 0.2, 0.4, 0.8],
  volumeFractions: [0.125, 0.25, 0.5, 1],
  strategies: ["fixedInterval", "uniformRandom"],
  repeats: 3,
  seed: 10,
});

describe("expandExperiment", () => {
  const trials = expandExperiment(experiment);

  it("has a trial for every configuration and repeat, each with its own id", () => {
    expect(trials).toHaveLength(5 * 4 * 2 * 3);
    expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length);
    expect(trials[0]?.id).toBe("unet2d-d0.05-v0.125-fixedInterval-none-r0");
  });

  it("goes repeat by repeat, with one seed for all configurations of a repeat", () => {
    expect(trials.map(({ repeat }) => repeat)).toEqual(
      [...trials.map(({ repeat }) => repeat)].sort(),
    );
    for (const { repeat, seed } of trials) expect(seed).toBe(10 + repeat);
  });

  it("starts with the smallest budget", () => {
    const budgets = configurationsOf(experiment).map((one) => one.density * one.volumeFraction);
    expect(budgets).toEqual([...budgets].sort((a, b) => a - b));
  });
});

describe("experimentFingerprint", () => {
  const print = (change: object, cohort = "c") =>
    experimentFingerprint(parseExperiment({ ...experiment, ...change }), cohort);

  it.each([
    { densities: [0.3] },
    { repeats: 9 },
    { name: "other" },
    { strategies: ["uniformRandom"] },
  ])("stays when only the grid grows: %j", (change) => {
    expect(print(change)).toBe(print({}));
  });

  it.each([
    { iterations: 7 },
    { seed: 11 },
    { target: { labels: [1, 2] } },
    { learningRate: 0.01 },
    { batchSize: 4 },
    { patch: [64, 64] },
    { split: { test: 0.5, validation: 0, seed: 1 } },
  ])("changes with what decides the numbers: %j", (change) => {
    expect(print(change)).not.toBe(print({}));
  });

  it("changes with the cohort, not with the order of labels", () => {
    expect(print({}, "d")).not.toBe(print({}));
    expect(print({ target: { labels: [2, 1] } })).toBe(print({ target: { labels: [1, 2] } }));
  });
});
