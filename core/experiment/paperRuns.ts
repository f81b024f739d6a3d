import type { Experiment } from "./experiment.ts";
import type { AugmentationName, Recipe } from "./recipe.ts";

/** One row of the paper's appendix G. */
export interface PaperRun {
  /** As people choose it. */
  readonly label: string;
  /** The paper's network, in words. */
  readonly network: string;
  readonly dimensions: 2 | 3;
  readonly iterations: number;
  /** Slices or patches. */
  readonly batch: number;
  readonly learningRate: number;
  /** The paper's are not known; these are of a size that its batch allows. */
  readonly patch3d: Experiment["patch3d"];
  readonly recipe: (classes: number) => Recipe;
  /** What cannot be as in the paper, for people. */
  readonly differences: (classes: number) => string[];
}

const adamw = (weightDecay: number) => ({ kind: "adamw" as const, weightDecay });
const poly = { kind: "poly", power: 0.8 } as const;
const noDifferences = () => [];
const unknownPatch = () => ["the paper's patch size is not known"];

const common = (augmentations: readonly AugmentationName[]) => ({
  augmentations: [...augmentations],
  sampling: "uniform" as const,
});

/**
 * Weights of liver and tumour given to a target: the tumour's to one class, and from the third
 * class on the tumour's again.
 */
function classWeights(background: number, first: number, second: number, classes: number) {
  const weights = Array.from({ length: classes }, (_, index) =>
    classes > 1 && index === 0 ? first : second,
  );
  return { kind: "crossEntropy" as const, weights: [background, ...weights] };
}

const weightDifferences = (classes: number) =>
  classes === 2
    ? []
    : ["the paper's class weights are for two classes, an organ and a tumour within it"];

/** The six trainings of the paper (Zhang et al. 2025, appendix G; methods 5.1). */
export const paperRuns = {
  lits2d: {
    label: "Paper: liver tumour, 2D",
    network: "Inception U-Net",
    dimensions: 2,
    iterations: 14_000,
    batch: 16,
    learningRate: 1e-4,
    patch3d: "auto",
    recipe: (classes) => ({
      loss: classWeights(0.04, 0.25, 1.4, classes),
      optimiser: adamw(1e-5),
      schedule: poly,
      ...common(["biasField", "elastic", "flip"]),
    }),
    differences: weightDifferences,
  },
  dbc2d: {
    label: "Paper: breast, 2D",
    network: "SegFormer-B3",
    dimensions: 2,
    iterations: 12_000,
    batch: 16,
    learningRate: 1e-4,
    patch3d: "auto",
    recipe: () => ({
      loss: { kind: "crossEntropy" },
      optimiser: adamw(1e-2),
      schedule: poly,
      ...common(["flip"]),
    }),
    differences: noDifferences,
  },
  atlas2d: {
    label: "Paper: stroke, 2D",
    network: "CAM-WNet",
    dimensions: 2,
    iterations: 15_000,
    batch: 16,
    learningRate: 5e-5,
    patch3d: "auto",
    recipe: () => ({
      loss: { kind: "diceCrossEntropy" },
      optimiser: adamw(1e-5),
      schedule: { kind: "step", every: 2000, factor: 0.7 },
      ...common(["flip"]),
    }),
    differences: noDifferences,
  },
  lits3d: {
    label: "Paper: liver tumour, 3D",
    network: "3D U-Net",
    dimensions: 3,
    iterations: 18_000,
    batch: 24,
    learningRate: 0.01,
    patch3d: [64, 64, 64],
    recipe: (classes) => ({
      loss: classWeights(0.04, 0.2, 1, classes),
      optimiser: { kind: "sgd", momentum: 0.9, weightDecay: 1e-4 },
      schedule: { kind: "constant" },
      augmentations: ["biasField", "affine", "flip"],
      sampling: { background: 0.2, classes: liverShares(classes), unannotated: "background" },
    }),
    differences: (classes) => [
      ...weightDifferences(classes),
      "patches are not scaled down, and the paper's patch size is not known",
    ],
  },
  dbc3d: {
    label: "Paper: breast, 3D",
    network: "SegResNet",
    dimensions: 3,
    iterations: 12_000,
    batch: 24,
    learningRate: 3e-4,
    patch3d: [48, 96, 96],
    recipe: () => ({
      loss: { kind: "crossEntropy" },
      optimiser: adamw(1e-5),
      schedule: { kind: "cosine", lowest: 0 },
      ...common(["affine", "flip"]),
    }),
    differences: unknownPatch,
  },
  atlas3d: {
    label: "Paper: stroke, 3D",
    network: "UNETR",
    dimensions: 3,
    iterations: 15_000,
    batch: 54,
    learningRate: 1.5e-4,
    patch3d: [64, 64, 64],
    recipe: (classes) => ({
      loss: { kind: "diceFocal", gamma: 2 },
      optimiser: adamw(1e-6),
      schedule: { kind: "step", every: 3000, factor: 0.7 },
      augmentations: ["affine", "flip"],
      sampling: {
        background: 0.3,
        classes: Array.from({ length: classes }, () => 0.55 / classes),
        unannotated: 0.15,
      },
    }),
    differences: unknownPatch,
  },
} as const satisfies Record<string, PaperRun>;

/** Half of the patches on the organ, three of ten on the tumour; one class gets both. */
function liverShares(classes: number): number[] {
  if (classes === 1) return [0.8];
  return Array.from({ length: classes }, (_, index) => (index === 0 ? 0.5 : 0.3 / (classes - 1)));
}

/** The recipe of this program, made for short trainings. */
export const ownRecipe = "own";
export type RecipeName = typeof ownRecipe | keyof typeof paperRuns;
export const recipeNames = [ownRecipe, ...Object.keys(paperRuns)] as RecipeName[];

/** A recipe as people choose it. */
export function recipeLabel(name: RecipeName): string {
  return name === ownRecipe ? "Slicewise" : paperRuns[name].label;
}
