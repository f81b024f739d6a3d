import * as v from "valibot";
import { messageOf, PlannerError } from "../errors.ts";
import {
  defaultInterpolation,
  interpolationSchema,
} from "../interpolation/interpolationSettings.ts";
import { namesOf, parseAs, rules } from "../schema.ts";
import { interpolatorLabels, networkLabels, strategyLabels } from "./methods.ts";
import { migratedExperiment } from "./migrateExperiment.ts";
import { recipeProblem, recipeSchema } from "./recipe.ts";
import { defaultSelection, selectionSchema } from "./selection.ts";
import { singleTarget, targetSchema } from "./target.ts";

/** Version of `experiment.json`; raised when a field changes meaning. */
export const EXPERIMENT_SCHEMA_VERSION = 2;

/** Sizes in which every network is offered; what each means stands with the network. */
export const networkSizes = ["XS", "S", "M", "paper"] as const;
export type NetworkSize = (typeof networkSizes)[number];

const caseIds = (rule: string) => rules.list(rules.text(500), 0, rule);

const splitByShare = v.object({
  test: v.optional(rules.share("a share above 0 and at most 1, or a list of case ids"), 0.25),
  validation: v.optional(
    v.pipe(
      v.number("a share from 0 to below 1, or a list of case ids"),
      v.check((n) => n >= 0 && n < 1, "a share from 0 to below 1, or a list of case ids"),
    ),
    0.1,
  ),
  seed: v.optional(rules.integer(0, 2 ** 31 - 1), 1),
});

const splitByCase = v.object({
  test: v.pipe(
    caseIds("a list of case ids without doubles"),
    v.check((ids) => ids.length > 0, "a list of at least one case id"),
  ),
  validation: v.optional(caseIds("a list of case ids without doubles"), []),
  /** Leaves out: every case that is in neither list trains. */
  pool: v.optional(caseIds("a list of case ids without doubles")),
});

const splitRule = v.lazy((input) => {
  const byCase =
    typeof input === "object" && input !== null && "test" in input && Array.isArray(input.test);
  return byCase ? splitByCase : splitByShare;
});

const schema = v.object({
  schemaVersion: v.optional(
    v.literal(EXPERIMENT_SCHEMA_VERSION, `${EXPERIMENT_SCHEMA_VERSION}`),
    EXPERIMENT_SCHEMA_VERSION,
  ),
  name: v.optional(rules.text(200), "Experiment"),
  /** What is to be segmented; `{ labels }` stands for one class of these labels. */
  target: v.optional(targetSchema, () => singleTarget([1])),
  networks: v.optional(
    rules.list(
      rules.name(namesOf(networkLabels)),
      1,
      "a list of networks without doubles, at least one",
    ),
    ["unet2d"],
  ),
  networkSize: v.optional(rules.name(networkSizes), "XS"),
  /** Annotated slices / slices, of each annotated volume. */
  densities: rules.list(rules.share(), 1, "a list of densities without doubles, at least one"),
  /** Annotated volumes / volumes of the training pool. */
  volumeFractions: rules.list(
    rules.share(),
    1,
    "a list of volume fractions without doubles, at least one",
  ),
  strategies: rules.list(
    rules.name(namesOf(strategyLabels)),
    1,
    "a list of strategies without doubles, at least one",
  ),
  interpolators: v.optional(
    rules.list(
      rules.name(namesOf(interpolatorLabels)),
      1,
      "a list of interpolators without doubles, at least one",
    ),
    ["none"],
  ),
  /** How slices are picked, whatever the strategy. */
  selection: v.optional(selectionSchema, defaultSelection),
  /** How interpolators fill gaps. */
  interpolation: v.optional(interpolationSchema, defaultInterpolation),
  repeats: v.optional(rules.integer(1, 100), 3),
  seed: v.optional(rules.integer(0, 2 ** 31 - 1), 1),
  /** Optimiser steps of one trial. */
  iterations: v.optional(rules.integer(1, 1_000_000), 400),
  /** Slices of 2D networks in one step. */
  batchSize: v.optional(rules.integer(1, 256), 8),
  /** Patches of 3D networks in one step. */
  batchSize3d: v.optional(rules.integer(1, 256), 2),
  learningRate: v.optional(rules.positive(1), 0.002),
  /**
   * [height, width] of the crops a 2D network trains on, pixels; "auto" takes the smallest
   * multiple of 16 that holds every slice of the cohort, at most 128.
   */
  patch: v.optional(
    v.union(
      [v.literal("auto"), v.tuple([rules.integer(8, 1024), rules.integer(8, 1024)])],
      '"auto" or [height, width] in pixels, 8 to 1024 each',
    ),
    "auto",
  ),
  /**
   * [depth, height, width] of the patches a 3D network trains on, voxels; "auto" takes for each
   * side the smallest multiple of 16 that holds every volume, at most 48.
   */
  patch3d: v.optional(
    v.union(
      [
        v.literal("auto"),
        v.tuple([rules.integer(8, 512), rules.integer(8, 512), rules.integer(8, 512)]),
      ],
      '"auto" or [depth, height, width] in voxels, 8 to 512 each',
    ),
    "auto",
  ),
  /** Loss, optimiser, schedule, augmentations and sampling. */
  recipe: v.optional(recipeSchema, {}),
  split: v.optional(splitRule, { test: 0.25, validation: 0.1, seed: 1 }),
});

/** What the user wants to compare. Plain data: it is `experiment.json` and the share link. */
export type Experiment = v.InferOutput<typeof schema>;

/** How cases are divided: by share and seed, or by lists of case ids. */
export type SplitRule = Experiment["split"];

/**
 * An experiment from unknown data, defaults filled in; unknown fields are dropped. Older
 * versions are read as what they mean today.
 *
 * @throws PlannerError "experiment" naming the field, its rule and the value
 */
export function parseExperiment(value: unknown): Experiment {
  const experiment = parseAs(schema, migratedExperiment(value), "experiment", "experiment");
  const problem = recipeProblem(experiment.recipe, experiment.target.classes.length);
  if (problem) throw new PlannerError("experiment", `experiment: ${problem}`);
  return experiment;
}

/** Why an experiment that is being edited is none yet, for people; null when it is one. */
export function experimentProblem(draft: Experiment): string | null {
  if (draft.name === "") return "give the experiment a name";
  try {
    parseExperiment(draft);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
