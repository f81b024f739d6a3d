import { checkTarget } from "#core/cohort/checkTarget.ts";
import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import { planOf } from "#core/experiment/plan.ts";
import { type Split, splitCohort } from "#core/experiment/split.ts";

/**
 * The split of an experiment that can be run from its first trial to its last, every repeat
 * looked at: repeats draw other volumes.
 *
 * @param warn - told what is odd but no obstacle
 * @throws PlannerError "experiment" naming what cannot be run
 */
export function planRun(
  experiment: Experiment,
  cohort: Cohort,
  warn: (text: string) => void,
): Split {
  for (const { severity, message } of checkTarget(cohort.cases, experiment.target.labels)) {
    if (severity === "error") throw new PlannerError("experiment", message);
    warn(message);
  }
  const problems = new Set<string>();
  for (let repeat = 0; repeat < experiment.repeats; repeat++) {
    const one = { ...experiment, seed: experiment.seed + repeat, repeats: 1 };
    for (const problem of planOf(one, cohort, null).problems) problems.add(problem);
  }
  if (problems.size > 0) throw new PlannerError("experiment", [...problems].join("\n"));
  return splitCohort(cohort.cases.filter(isUsable), experiment.split);
}
