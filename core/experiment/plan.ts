import { checkTarget } from "../cohort/checkTarget.ts";
import { type CaseSummary, type Cohort, isUsable } from "../cohort/cohort.ts";
import { messageOf, PlannerError } from "../errors.ts";
import type { DeviceSpeed, NetworkSpeeds } from "../results/progress.ts";
import { type Budget, budgetOf } from "./budget.ts";
import type { Experiment } from "./experiment.ts";
import { chosenVolumes, type Split, splitCohort } from "./split.ts";
import { targetLabels } from "./target.ts";
import { type Configuration, configurationsOf } from "./trial.ts";

/** What one configuration will take. */
export interface ConfigurationPlan {
  readonly configuration: Configuration;
  /** Of the first repeat; null when the configuration cannot be run. */
  readonly budget: Budget | null;
  /** Why it cannot be run; null when it can. */
  readonly problem: string | null;
  /** All repeats together; null while the device's speed is unknown. */
  readonly seconds: number | null;
  /** Of a trial on the device, at the most; null while unknown. */
  readonly memoryBytes: number | null;
}

/** What an experiment will take, before it is started. */
export interface ExperimentPlan {
  /** null when the cohort cannot be split */
  readonly split: Split | null;
  /** In the order they run; empty without a split. */
  readonly configurations: readonly ConfigurationPlan[];
  readonly trials: number;
  /** Optimiser steps of all trials. */
  readonly steps: number;
  /** Seconds of all trials; null while the device's speed is unknown. */
  readonly seconds: number | null;
  /** Why it cannot be started, each reason once; empty when it can. */
  readonly problems: readonly string[];
}

/**
 * The plan of an experiment on a cohort: budgets by the very split, volumes and rounding
 * that trials use, times by the measured speeds of the networks. Repeats draw other volumes,
 * so where volumes differ in depth their budgets differ a little from the first's.
 */
export function planOf(
  experiment: Experiment,
  cohort: Cohort,
  speeds: NetworkSpeeds,
): ExperimentPlan {
  const usable = cohort.cases.filter(isUsable);
  const configurations = configurationsOf(experiment);
  const totals = {
    trials: configurations.length * experiment.repeats,
    steps: configurations.length * experiment.repeats * experiment.iterations,
  };
  const notRunnable = (problems: readonly string[]): ExperimentPlan => ({
    split: null,
    configurations: [],
    ...totals,
    seconds: null,
    problems,
  });
  const target = checkTarget(cohort.cases, targetLabels(experiment.target))
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message);
  // Without a usable case nothing more can be said.
  if (usable.length === 0) return notRunnable(target);
  try {
    const split = splitCohort(usable, experiment.split);
    const depths = depthsOf(usable);
    const slices = split.test.reduce((sum, id) => sum + (depths.get(id) ?? 0), 0);
    const plans = configurations.map((configuration) => {
      const speed = speeds[configuration.network];
      return {
        configuration,
        ...budgetsFor(configuration, experiment, split, depths),
        seconds: speed
          ? trialSeconds(experiment.iterations, slices, speed) * experiment.repeats
          : null,
        memoryBytes: speed?.memory?.planned ?? null,
      };
    });
    return {
      split,
      configurations: plans,
      ...totals,
      seconds: sumOfKnown(plans.map(({ seconds }) => seconds)),
      problems: [...new Set([...target, ...plans.flatMap(({ problem }) => problem ?? [])])],
    };
  } catch (error) {
    return notRunnable([...target, planProblem(error)]);
  }
}

/**
 * Seconds one trial takes.
 *
 *     start + iterations * step + slices * slice
 *
 * @param slices - slices of all test cases, each predicted once
 */
export function trialSeconds(
  iterations: number,
  slices: number,
  { secondsPerStart, secondsPerStep, secondsPerSlice }: DeviceSpeed,
): number {
  return secondsPerStart + iterations * secondsPerStep + slices * secondsPerSlice;
}

/** The sum; null when any part of it is not known. */
function sumOfKnown(parts: readonly (number | null)[]): number | null {
  return parts.reduce<number | null>(
    (sum, part) => (sum === null || part === null ? null : sum + part),
    0,
  );
}

/** The budget of the first repeat; a problem of any repeat, since each draws its volumes. */
function budgetsFor(
  configuration: Configuration,
  { seed, repeats, selection }: Experiment,
  split: Split,
  depths: ReadonlyMap<string, number>,
): Pick<ConfigurationPlan, "budget" | "problem"> {
  try {
    const budgets = Array.from({ length: repeats }, (_, repeat) => {
      const chosen = chosenVolumes(split, configuration.volumeFraction, seed + repeat);
      return budgetOf(
        configuration,
        chosen.map((id) => depths.get(id) ?? 0),
        selection,
      );
    });
    return { budget: budgets[0] ?? null, problem: null };
  } catch (error) {
    return { budget: null, problem: planProblem(error) };
  }
}

/** What a person did wrong in words; a mistake of the program is thrown on. */
function planProblem(error: unknown): string {
  if (error instanceof PlannerError) return messageOf(error);
  throw error;
}

function depthsOf(cases: readonly CaseSummary[]): Map<string, number> {
  return new Map(cases.map(({ id, shape }) => [id, shape?.[0] ?? 0]));
}
