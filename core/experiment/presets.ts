import type { Experiment } from "./experiment.ts";
import { ownRecipe, paperRuns, type RecipeName, recipeNames } from "./paperRuns.ts";
import { defaultRecipe, type Recipe } from "./recipe.ts";

/** The paper's grid: 5 densities by 4 volume fractions (Zhang et al. 2025, section 3). */
export const paperDensities = [0.05, 0.1, 0.2, 0.4, 0.8] as const;
export const paperVolumeFractions = [0.125, 0.25, 0.5, 1] as const;

type Effort = Pick<
  Experiment,
  "iterations" | "batchSize" | "batchSize3d" | "repeats" | "networkSize"
>;

/** Training effort in three sizes; a paper run at `paper` has its own steps and batches. */
export const presets = {
  quick: { iterations: 100, batchSize: 8, batchSize3d: 2, repeats: 1, networkSize: "XS" },
  standard: { iterations: 400, batchSize: 8, batchSize3d: 2, repeats: 3, networkSize: "XS" },
  paper: { iterations: 12_000, batchSize: 16, batchSize3d: 24, repeats: 3, networkSize: "paper" },
} as const satisfies Record<string, Effort>;
export type PresetName = keyof typeof presets;

export const presetLabels: Record<PresetName, string> = {
  quick: "Quick",
  standard: "Standard",
  paper: "Paper",
};

/** Adam's rate at which a short training learns; the paper's are for thousands of steps. */
const SHORT_RATE = 0.002;

/** Fields that a preset sets. */
type Preset = Effort & Pick<Experiment, "learningRate" | "recipe" | "patch3d">;

/**
 * How an experiment trains by a recipe and an effort: at `paper` as the paper says, else
 * scaled down to what a laptop does in minutes.
 *
 * @param classes - of the target; weights and shares of the paper's classes are given to them
 */
export function presetOf(name: RecipeName, effort: PresetName, classes: number): Preset {
  const size = presets[effort];
  if (name === ownRecipe) {
    return { ...size, learningRate: SHORT_RATE, recipe: defaultRecipe, patch3d: "auto" };
  }
  const run = paperRuns[name];
  const recipe = run.recipe(classes);
  if (effort === "paper") {
    const { iterations, batch, learningRate, patch3d } = run;
    const batches = run.dimensions === 2 ? { batchSize: batch } : { batchSize3d: batch };
    return { ...size, ...batches, iterations, learningRate, recipe, patch3d };
  }
  return {
    ...size,
    learningRate: recipe.optimiser.kind === "adamw" ? SHORT_RATE : run.learningRate,
    recipe: { ...recipe, schedule: scaledSchedule(recipe, size.iterations / run.iterations) },
    patch3d: "auto",
  };
}

/** The recipe and effort by which an experiment trains; null for what was not applied whole. */
export function presetIn(experiment: Experiment): {
  readonly recipe: RecipeName | null;
  readonly effort: PresetName | null;
} {
  const classes = experiment.target.classes.length;
  const efforts = Object.keys(presets) as PresetName[];
  for (const recipe of recipeNames) {
    for (const effort of efforts) {
      const preset = presetOf(recipe, effort, classes);
      const isOn = (Object.keys(preset) as (keyof Preset)[]).every(
        (field) => JSON.stringify(experiment[field]) === JSON.stringify(preset[field]),
      );
      if (isOn) return { recipe, effort };
    }
  }
  return { recipe: null, effort: null };
}

/** What an effort changes of a paper's run, for people; empty where it changes nothing. */
export function presetChanges(name: RecipeName, effort: PresetName, classes: number): string[] {
  if (name === ownRecipe) return [];
  const run = paperRuns[name];
  const preset = presetOf(name, effort, classes);
  const batch = run.dimensions === 2 ? preset.batchSize : preset.batchSize3d;
  const changes = [
    ...instead("iterations", preset.iterations, run.iterations),
    ...instead("batch", batch, run.batch),
    ...instead("learning rate", preset.learningRate, run.learningRate),
    ...instead("network size", preset.networkSize, "paper"),
  ];
  const { schedule } = preset.recipe;
  const whole = run.recipe(classes).schedule;
  if (schedule.kind === "step" && whole.kind === "step") {
    changes.push(...instead("steps between lower rates", schedule.every, whole.every));
  }
  return [...changes, ...run.differences(classes)];
}

function instead(what: string, now: number | string, paper: number | string): string[] {
  const text = (value: number | string) =>
    typeof value === "number" ? value.toLocaleString("en-US", { maximumFractionDigits: 6 }) : value;
  return now === paper ? [] : [`${what} ${text(now)} instead of ${text(paper)}`];
}

/** Lowers the rate as often in a shorter training as in the paper's. */
function scaledSchedule({ schedule }: Recipe, factor: number): Recipe["schedule"] {
  if (schedule.kind !== "step") return schedule;
  return { ...schedule, every: Math.max(1, Math.round(schedule.every * factor)) };
}
