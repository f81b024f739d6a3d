import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { type Experiment, parseExperiment } from "#core/experiment/experiment.ts";
import type { RecipeName } from "#core/experiment/paperRuns.ts";
import {
  type PresetName,
  paperDensities,
  paperVolumeFractions,
  presetOf,
  presets,
} from "#core/experiment/presets.ts";
import { singleTarget, targetLabels } from "#core/experiment/target.ts";
import { labelsOf } from "./selectors.ts";
import type { Change } from "./slice.ts";
import type { ExperimentSlice } from "./state.ts";

export const initialExperiment: ExperimentSlice = {
  experiment: parseExperiment({
    name: "My experiment",
    densities: [0.1, 0.2, 0.4],
    volumeFractions: [0.25, 1],
    strategies: ["fixedInterval"],
    ...presets.quick,
  }),
};

/** The design of the one-click experiment: a small curve with two lines. */
export const quickDesign = {
  name: "Quick experiment",
  densities: [0.1, 0.2, 0.4],
  volumeFractions: [0.25, 1],
  strategies: ["fixedInterval"],
  interpolators: ["none"],
  patch: "auto",
  ...presets.quick,
} satisfies Partial<Experiment>;

export function experimentEdited(
  { experiment }: ExperimentSlice,
  change: Partial<Experiment>,
): Change<ExperimentSlice> {
  return { experiment: { ...experiment, ...change } };
}

export function presetApplied(
  state: ExperimentSlice,
  effort: PresetName,
  recipe: RecipeName,
): Change<ExperimentSlice> {
  const classes = state.experiment.target.classes.length;
  return experimentEdited(state, presetOf(recipe, effort, classes));
}

export function paperGridApplied(state: ExperimentSlice): Change<ExperimentSlice> {
  return experimentEdited(state, {
    densities: [...paperDensities],
    volumeFractions: [...paperVolumeFractions],
  });
}

/**
 * The experiment as it makes sense on a cohort that was just opened: a target of labels
 * that no case has becomes all labels of the cohort, and a split that lists cases of
 * another cohort becomes a split by share. A cohort without a usable case changes nothing.
 */
export function fittedToCohort(
  { experiment }: ExperimentSlice,
  cohort: Cohort,
): Change<ExperimentSlice> {
  if (!cohort.cases.some(isUsable)) return { experiment };
  const present = labelsOf(cohort).map(({ label }) => label);
  const isKnown = targetLabels(experiment.target).every((label) => present.includes(label));
  const target = isKnown || present.length === 0 ? experiment.target : singleTarget(present);
  return { experiment: { ...experiment, target, split: fittedSplit(experiment.split, cohort) } };
}

function fittedSplit(split: Experiment["split"], cohort: Cohort): Experiment["split"] {
  if (typeof split.test === "number") return split;
  const ids = new Set(cohort.cases.map(({ id }) => id));
  const lists = [split.test, "pool" in split ? split.pool : undefined, split.validation];
  const named = lists.flatMap((list) => (Array.isArray(list) ? list : []));
  return named.every((id) => ids.has(id)) ? split : initialExperiment.experiment.split;
}
