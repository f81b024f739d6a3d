import { describe, expect, it } from "vitest";
import { defaultInterpolation } from "../interpolation/interpolationSettings.ts";
import { experimentProblem, parseExperiment } from "./experiment.ts";

const lists = { densities: [0.1], volumeFractions: [1], strategies: ["fixedInterval"] };

describe("experimentProblem", () => {
  const whole = parseExperiment(lists);
  it.each([
    [{}, null],
    [{ name: "" }, "give the experiment a name"],
    [{ densities: [] }, "experiment: densities must be a list of densities without doubles"],
    [{ iterations: 0 }, "experiment: iterations must be an integer from 1 to 1000000, got 0"],
  ])("says of %j: %s", (change, expected) => {
    const problem = experimentProblem({ ...whole, ...change });
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toContain(expected);
  });
});

describe("parseExperiment", () => {
  it("fills in every field but the lists", () => {
    expect(parseExperiment(lists)).toEqual({
      ...lists,
      schemaVersion: 2,
      name: "Experiment",
      target: { classes: [{ name: "", labels: [1] }], score: "mean" },
      networks: ["unet2d"],
      networkSize: "XS",
      interpolators: ["none"],
      selection: { scope: "volume", quota: { fewest: 0, most: null }, features: "descriptor" },
      interpolation: defaultInterpolation,
      repeats: 3,
      seed: 1,
      iterations: 400,
      batchSize: 8,
      batchSize3d: 2,
      learningRate: 0.002,
      patch: "auto",
      patch3d: "auto",
      recipe: {
        loss: { kind: "diceCrossEntropy" },
        optimiser: { kind: "adamw", weightDecay: 1e-5 },
        schedule: { kind: "poly", power: 0.9 },
        augmentations: [],
        sampling: "balanced",
      },
      split: { test: 0.25, validation: 0.1, seed: 1 },
    });
  });

  it("reads a split by lists of case ids", () => {
    const { split } = parseExperiment({ ...lists, split: { test: ["a"], validation: ["b"] } });
    expect(split).toEqual({ test: ["a"], validation: ["b"] });
  });

  it("survives its own JSON", () => {
    const experiment = parseExperiment({ ...lists, name: "Näme", patch: [64, 48] });
    expect(parseExperiment(JSON.parse(JSON.stringify(experiment)))).toEqual(experiment);
  });

  it.each([
    [{ densities: [0] }, "experiment: densities.0 must be a number above 0 and at most 1, got 0"],
    [
      { densities: [1.5] },
      "experiment: densities.0 must be a number above 0 and at most 1, got 1.5",
    ],
    [
      { densities: [] },
      "experiment: densities must be a list of densities without doubles, at least one, got []",
    ],
    [{ densities: [0.1, 0.1] }, "without doubles"],
    [{ selection: { scope: "all" } }, 'selection.scope must be one of volume, cohort, got "all"'],
    [
      { selection: { quota: { most: 0.5 } } },
      "selection.quota.most must be a number from 1 to 1000, or null for no limit, got 0.5",
    ],
    [{ selection: { quota: { fewest: 2 } } }, "fewest must be a number from 0 to 1, got 2"],
    [
      { strategies: ["magic"] },
      'strategies.0 must be one of fixedInterval, fixedIntervalRandomOffset, uniformRandom, stratified, unsupervised, coreset, typiclust, probcover, foregroundAware, got "magic"',
    ],
    [{ network: "resnet" }, /networks\.0 must be one of unet2d, unet3d, .*got "resnet"/],
    [
      { recipe: { loss: { kind: "crossEntropy", weights: [1] } } },
      "recipe.loss.weights must have one weight for background and one for each of the 1 classes, got 1",
    ],
    [{ recipe: { loss: { kind: "hinge" } } }, "a loss of kind crossEntropy, diceCrossEntropy or"],
    [{ networks: [] }, "networks must be a list of networks without doubles, at least one"],
    [{ patch3d: [64, 64] }, 'patch3d must be "auto" or [depth, height, width] in voxels'],
    [{ target: { classes: [{ labels: [1] }, { labels: [1, 2] }] } }, "classes that share no label"],
    [{ target: { classes: [{ labels: [1] }], score: 2 } }, "the number of one of its classes"],
    [
      { recipe: { sampling: { background: 1, classes: [1, 1], unannotated: 0 } } },
      "recipe.sampling.classes must have one share for each of the 1 classes, got 2",
    ],
    [
      { interpolators: ["magic"] },
      'interpolators.0 must be one of none, nearest, signedDistance, morphological, opticalFlow, learned, got "magic"',
    ],
    [{ repeats: 0 }, "repeats must be an integer from 1 to 100, got 0"],
    [{ iterations: 1.5 }, "iterations must be an integer from 1 to 1000000, got 1.5"],
    [{ learningRate: -1 }, "learningRate must be a number above 0 and at most 1, got -1"],
    [
      { target: { labels: [] } },
      "target.classes.0.labels must be a list of labels without doubles, at least one",
    ],
    [{ split: { test: 2 } }, "split.test must be a share above 0 and at most 1"],
    [{ schemaVersion: 99 }, "schemaVersion must be 2, got 99"],
    [{ patch: [4, 4] }, 'patch must be "auto" or [height, width]'],
  ])("refuses %j", (change, message) => {
    expect(() => parseExperiment({ ...lists, ...change })).toThrow(message);
  });

  it.each([null, 3, "text", []])("refuses %j, which is no experiment", (value) => {
    expect(() => parseExperiment(value)).toThrow(/experiment/);
  });

  it("takes nothing from the prototype of a hostile file", () => {
    const hostile = JSON.parse(
      '{"__proto__":{"repeats":7},"densities":[0.1],"volumeFractions":[1],"strategies":["fixedInterval"]}',
    );
    expect(parseExperiment(hostile).repeats).toBe(3);
    expect(({} as Record<string, unknown>)["repeats"]).toBeUndefined();
  });
});
