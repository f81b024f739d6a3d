import { strategyLabels } from "#core/experiment/methods.ts";
import type { Configuration } from "#core/experiment/trial.ts";
import { formatFraction, formatPercent } from "../../ui/format.ts";

/** "10 % of the slices, 1/4 of the volumes, Fixed interval, repeat 1". */
export function trialName(one: { configuration: Configuration; repeat: number }): string {
  const { density, volumeFraction, strategy } = one.configuration;
  const volumes = volumeFraction === 1 ? "all" : formatFraction(volumeFraction);
  return `${formatPercent(density)} of the slices, ${volumes} of the volumes, ${strategyLabels[strategy]}, repeat ${one.repeat + 1}`.replace(
    "all of the volumes",
    "all volumes",
  );
}
