import { describe, expect, it } from "vitest";
import { parseExperiment } from "./experiment.ts";
import { type RecipeName, recipeNames } from "./paperRuns.ts";
import { presetChanges, presetIn, presetOf } from "./presets.ts";

const lists = { densities: [0.1], volumeFractions: [1], strategies: ["fixedInterval"] };
const two = { classes: [{ labels: [1] }, { labels: [2] }] };

describe("presetOf", () => {
  // Zhang et al. 2025, appendix G.
  it.each([
    {
      name: "lits2d",
      fields: { iterations: 14_000, batchSize: 16, learningRate: 1e-4 },
      recipe: {
        loss: { kind: "crossEntropy", weights: [0.04, 0.25, 1.4] },
        optimiser: { kind: "adamw", weightDecay: 1e-5 },
        schedule: { kind: "poly", power: 0.8 },
        augmentations: ["biasField", "elastic", "flip"],
      },
    },
    {
      name: "dbc2d",
      fields: { iterations: 12_000, batchSize: 16, learningRate: 1e-4 },
      recipe: {
        loss: { kind: "crossEntropy" },
        optimiser: { kind: "adamw", weightDecay: 0.01 },
        schedule: { kind: "poly", power: 0.8 },
        augmentations: ["flip"],
      },
    },
    {
      name: "atlas2d",
      fields: { iterations: 15_000, batchSize: 16, learningRate: 5e-5 },
      recipe: {
        loss: { kind: "diceCrossEntropy" },
        optimiser: { kind: "adamw", weightDecay: 1e-5 },
        schedule: { kind: "step", every: 2000, factor: 0.7 },
        augmentations: ["flip"],
      },
    },
    {
      name: "lits3d",
      fields: { iterations: 18_000, batchSize3d: 24, learningRate: 0.01 },
      recipe: {
        loss: { kind: "crossEntropy", weights: [0.04, 0.2, 1] },
        optimiser: { kind: "sgd", momentum: 0.9, weightDecay: 1e-4 },
        schedule: { kind: "constant" },
        augmentations: ["biasField", "affine", "flip"],
        sampling: { background: 0.2, classes: [0.5, 0.3], unannotated: "background" },
      },
    },
    {
      name: "dbc3d",
      fields: { iterations: 12_000, batchSize3d: 24, learningRate: 3e-4 },
      recipe: {
        loss: { kind: "crossEntropy" },
        optimiser: { kind: "adamw", weightDecay: 1e-5 },
        schedule: { kind: "cosine", lowest: 0 },
        augmentations: ["affine", "flip"],
        sampling: "uniform",
      },
    },
    {
      name: "atlas3d",
      fields: { iterations: 15_000, batchSize3d: 54, learningRate: 1.5e-4 },
      recipe: {
        loss: { kind: "diceFocal" },
        optimiser: { kind: "adamw", weightDecay: 1e-6 },
        schedule: { kind: "step", every: 3000, factor: 0.7 },
        augmentations: ["affine", "flip"],
        sampling: { background: 0.3, classes: [0.275, 0.275], unannotated: 0.15 },
      },
    },
  ] as const)("has the paper's $name as it stands there", ({ name, fields, recipe }) => {
    expect(presetOf(name, "paper", 2)).toMatchObject({ ...fields, recipe, networkSize: "paper" });
  });

  it.each(recipeNames.flatMap((name) => [1, 2, 3].map((classes) => [name, classes] as const)))(
    "makes an experiment of %s for %d classes that can be read and recognised",
    (name, classes) => {
      const target = { classes: Array.from({ length: classes }, (_, k) => ({ labels: [k + 1] })) };
      for (const effort of ["quick", "standard", "paper"] as const) {
        const preset = presetOf(name, effort, classes);
        const experiment = parseExperiment({ ...lists, target, ...preset });
        expect(presetIn(experiment)).toEqual({ recipe: name, effort });
      }
    },
  );

  it("lowers the rate as often when it is shortened", () => {
    const { recipe, iterations } = presetOf("atlas3d", "standard", 1);
    expect(recipe.schedule).toEqual({ kind: "step", every: 80, factor: 0.7 });
    expect(iterations / 80).toBe(15_000 / 3000);
  });
});

describe("presetIn", () => {
  it("recognises nothing where one field was changed", () => {
    const experiment = parseExperiment({ ...lists, ...presetOf("dbc2d", "quick", 1) });
    expect(presetIn({ ...experiment, learningRate: 0.1 })).toEqual({ recipe: null, effort: null });
  });
});

describe("presetChanges", () => {
  it.each<[RecipeName, "quick" | "paper", string[]]>([
    ["own", "quick", []],
    ["dbc2d", "paper", []],
    [
      "atlas2d",
      "quick",
      [
        "iterations 100 instead of 15,000",
        "batch 8 instead of 16",
        "learning rate 0.002 instead of 0.00005",
        "network size XS instead of paper",
        "steps between lower rates 13 instead of 2,000",
      ],
    ],
    ["atlas3d", "paper", ["the paper's patch size is not known"]],
  ])("says of %s at %s: %j", (name, effort, expected) => {
    expect(presetChanges(name, effort, two.classes.length)).toEqual(expected);
  });
});
