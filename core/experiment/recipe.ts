import * as v from "valibot";
import { namesOf, rules } from "../schema.ts";

const weight = v.pipe(
  v.number("a weight from 0 to 1000"),
  v.check((n) => n >= 0 && n <= 1000, "a weight from 0 to 1000"),
);
const part = v.pipe(
  v.number("a number from 0 to 1"),
  v.check((n) => n >= 0 && n <= 1, "a number from 0 to 1"),
);

const gamma = v.pipe(
  v.number("a number from 1 to 10"),
  v.check((n) => n >= 1 && n <= 10, "a number from 1 to 10"),
);

const loss = v.variant(
  "kind",
  [
    v.object({
      kind: v.literal("crossEntropy"),
      /** Of background and each class; left out: all 1. */
      weights: v.optional(
        v.pipe(
          v.array(weight, "a list of weights, background first"),
          v.check((list) => list.some((one) => one > 0), "weights of which one is above 0"),
        ),
      ),
    }),
    v.object({ kind: v.literal("diceCrossEntropy") }),
    v.object({
      kind: v.literal("diceFocal"),
      gamma: v.optional(gamma, 2),
    }),
  ],
  "a loss of kind crossEntropy, diceCrossEntropy or diceFocal",
);

const optimiser = v.variant(
  "kind",
  [
    v.object({ kind: v.literal("adamw"), weightDecay: v.optional(part, 1e-5) }),
    v.object({
      kind: v.literal("sgd"),
      momentum: v.optional(part, 0.9),
      weightDecay: v.optional(part, 1e-4),
    }),
  ],
  "an optimiser of kind adamw or sgd",
);

const schedule = v.variant(
  "kind",
  [
    v.object({ kind: v.literal("constant") }),
    v.object({ kind: v.literal("poly"), power: v.optional(rules.positive(10), 0.9) }),
    v.object({ kind: v.literal("cosine"), lowest: v.optional(part, 0) }),
    v.object({
      kind: v.literal("step"),
      every: rules.integer(1, 1_000_000),
      factor: rules.positive(1),
    }),
  ],
  "a schedule of kind constant, poly, cosine or step",
);

/** Random changes of training images, by the names TorchIO gave them. */
export const augmentationLabels = {
  biasField: "Bias field",
  elastic: "Elastic deformation",
  affine: "Affine",
  flip: "Flip",
} as const;
export type AugmentationName = keyof typeof augmentationLabels;

const sampling = v.union(
  [
    v.picklist(["uniform", "balanced"]),
    v.pipe(
      v.object({
        /** Share of patches centred on background. */
        background: part,
        /** Share of patches centred on each class. */
        classes: v.array(part),
        /** Share centred on voxels nobody annotated; "background": they count as such. */
        unannotated: v.union([part, v.literal("background")]),
      }),
      v.check(
        ({ background, classes, unannotated }) =>
          background + (unannotated === "background" ? 0 : unannotated) > 0 ||
          classes.some((n) => n > 0),
      ),
    ),
  ],
  '"uniform", "balanced" or { background, classes, unannotated } with shares from 0 to 1',
);

/** How every trial learns; the schema of `Experiment.recipe`. */
export const recipeSchema = v.object({
  loss: v.optional(loss, { kind: "diceCrossEntropy" }),
  optimiser: v.optional(optimiser, { kind: "adamw", weightDecay: 1e-5 }),
  schedule: v.optional(schedule, { kind: "poly", power: 0.9 }),
  augmentations: v.optional(
    rules.list(
      rules.name(namesOf(augmentationLabels)),
      0,
      "a list of augmentations without doubles",
    ),
    [],
  ),
  /** Where the 3D patches of a batch are centred; 2D networks take whole slices uniformly. */
  sampling: v.optional(sampling, "balanced"),
});

/** Loss, optimiser, schedule, augmentations and sampling of a training. */
export type Recipe = v.InferOutput<typeof recipeSchema>;
export type Schedule = Recipe["schedule"];
export type Sampling = Recipe["sampling"];

/** What an experiment trains by when it does not say. */
export const defaultRecipe: Recipe = v.parse(recipeSchema, {});

/** Why a recipe does not fit a target of that many classes; null when it does. */
export function recipeProblem(
  { loss: one, sampling: centres }: Recipe,
  classes: number,
): string | null {
  if (one.kind === "crossEntropy" && one.weights && one.weights.length !== classes + 1) {
    return (
      `recipe.loss.weights must have one weight for background and one for each of the ${classes} ` +
      `classes, got ${one.weights.length}`
    );
  }
  if (typeof centres === "object" && centres.classes.length !== classes) {
    return `recipe.sampling.classes must have one share for each of the ${classes} classes, got ${centres.classes.length}`;
  }
  return null;
}
