import { slicesPerVolume, volumesOf } from "#core/experiment/budget.ts";
import type { Experiment } from "#core/experiment/experiment.ts";

/**
 * Checks that every configuration can be run before the first one is: a density that gives
 * no slice, a volume fraction that gives no volume.
 *
 * @param depths - slices of every volume of the training pool
 * @throws PlannerError "experiment" as `volumesOf` and `slicesPerVolume`
 */
export function requireRunnable(
  { densities, volumeFractions }: Experiment,
  depths: readonly number[],
): void {
  for (const volumeFraction of volumeFractions) volumesOf(volumeFraction, depths.length);
  for (const density of densities) slicesPerVolume(density, Math.min(...depths));
}
