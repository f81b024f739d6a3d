import type { ExperimentPlan } from "#core/experiment/plan.ts";

export interface StartState {
  /** null without a cohort */
  readonly plan: ExperimentPlan | null;
  /** Why the design cannot be kept and read again; null when it can. */
  readonly designProblem: string | null;
  readonly isReading: boolean;
  readonly isRunning: boolean;
  readonly isCalibrating: boolean;
}

/** Why the experiment cannot be started now; null when it can. */
export function startObstacle({
  plan,
  designProblem,
  isReading,
  isRunning,
  isCalibrating,
}: StartState): string | null {
  if (isRunning) return "A run is under way";
  if (isReading) return "The cohort is still being read";
  if (!plan) return "Open a cohort first";
  if (plan.trials === 0) {
    return "Choose at least one density, volume fraction, strategy and interpolation";
  }
  if (designProblem !== null) return `Not yet: ${designProblem}`;
  if (plan.problems.length > 0) return "Solve the problems of the plan first";
  return isCalibrating ? "Measuring the device" : null;
}
