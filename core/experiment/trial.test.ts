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

  it("trains every network of a list, each with its own patch and batch", () => {
    const both = parseExperiment({
      ...experiment,
      networks: ["unet2d", "unet3d"],
      patch: [64, 64],
      patch3d: [16, 32, 32],
    });
    const all = expandExperiment(both);
    expect(all).toHaveLength(2 * trials.length);
    for (const { configuration, training } of all) {
      expect(training).toMatchObject(
        configuration.network === "unet2d"
          ? { batchSize: 8, patch: [64, 64] }
          : { batchSize: 2, patch: [16, 32, 32] },
      );
    }
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
    { selection: { scope: "volume", quota: { fewest: 0.5, most: 2 } } },
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
    { selection: { scope: "cohort" } },
  ])("changes with what decides the numbers: %j", (change) => {
    expect(print(change)).not.toBe(print({}));
  });

  it.each([
    { target: { classes: [{ labels: [1] }, { labels: [2] }] } },
    { target: { classes: [{ labels: [1] }, { labels: [2] }], score: 2 } },
    { patch3d: [32, 32, 32] },
    { batchSize3d: 4 },
    { recipe: { loss: { kind: "crossEntropy" } } },
  ])("changes with choices that came later: %j", (change) => {
    const others = [{}, { target: { labels: [1, 2] } }];
    for (const other of others) expect(print(change)).not.toBe(print(other));
  });

  it("is that of results from before there were several networks and classes", () => {
    const old = {
      schemaVersion: 1,
      target: { labels: [2, 1] },
      network: "unet2d",
      densities: [0.1],
      volumeFractions: [1],
      strategies: ["fixedInterval"],
    };
    expect(experimentFingerprint(parseExperiment(old), "c")).toBe("4d823449e3927bcf");
    expect(expandExperiment(parseExperiment(old))[0]?.id).toBe(
      "unet2d-d0.1-v1-fixedInterval-none-r0",
    );
  });

  it("changes with the cohort, not with the order of labels", () => {
    expect(print({}, "d")).not.toBe(print({}));
    expect(print({ target: { labels: [2, 1] } })).toBe(print({ target: { labels: [1, 2] } }));
  });
});
