import { checkTarget } from "#core/cohort/checkTarget.ts";
import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import { planOf } from "#core/experiment/plan.ts";
import type { Split } from "#core/experiment/split.ts";
import { targetLabels } from "#core/experiment/target.ts";
import { trainingOf } from "#core/experiment/trial.ts";
import { describeTraining } from "#nn/trial/describeTraining.ts";

/**
 * The split of an experiment that can be run from its first trial to its last.
 *
 * @param warn - told what is odd but no obstacle
 * @throws PlannerError "experiment" naming what cannot be run
 */
export function planRun(
  experiment: Experiment,
  cohort: Cohort,
  warn: (text: string) => void,
): Split {
  const { split, problems } = planOf(experiment, cohort, {});
  if (split === null || problems.length > 0) {
    throw new PlannerError("experiment", problems.join("\n"));
  }
  const shapes = cohort.cases.filter(isUsable).flatMap(({ shape }) => (shape ? [shape] : []));
  const refusals = experiment.networks.flatMap((network) => {
    const training = trainingOf(experiment, network);
    const classes = experiment.target.classes.length + 1;
    return describeTraining({ network, training, classes, shapes }).problem ?? [];
  });
  if (refusals.length > 0) throw new PlannerError("experiment", refusals.join("\n"));
  for (const { severity, message } of checkTarget(cohort.cases, targetLabels(experiment.target))) {
    if (severity === "warning") warn(message);
  }
  return split;
}
