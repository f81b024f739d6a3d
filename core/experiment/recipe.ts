import * as v from "valibot";
import { rules } from "../schema.ts";

const part = v.pipe(
  v.number("a number from 0 to 1"),
  v.check((n) => n >= 0 && n <= 1, "a number from 0 to 1"),
);

const loss = v.variant(
  "kind",
  [
    v.object({ kind: v.literal("crossEntropy") }),
    v.object({ kind: v.literal("diceCrossEntropy") }),
  ],
  "a loss of kind crossEntropy or diceCrossEntropy",
);

const optimiser = v.variant(
  "kind",
  [v.object({ kind: v.literal("adamw"), weightDecay: v.optional(part, 1e-5) })],
  "an optimiser of kind adamw",
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
  /** Where the 3D patches of a batch are centred; 2D networks take whole slices uniformly. */
  sampling: v.optional(sampling, "balanced"),
});

/** Loss, optimiser, schedule and sampling of a training. */
export type Recipe = v.InferOutput<typeof recipeSchema>;
export type Schedule = Recipe["schedule"];
export type Sampling = Recipe["sampling"];

/** What an experiment trains by when it does not say. */
export const defaultRecipe: Recipe = v.parse(recipeSchema, {});

/** Why a recipe does not fit a target of that many classes; null when it does. */
export function recipeProblem({ sampling: centres }: Recipe, classes: number): string | null {
  if (typeof centres === "object" && centres.classes.length !== classes) {
    return `recipe.sampling.classes must have one share for each of the ${classes} classes, got ${centres.classes.length}`;
  }
  return null;
}
