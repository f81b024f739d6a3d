import { interpolatorLabels, strategyLabels } from "#core/experiment/methods.ts";
import type { Configuration } from "#core/experiment/trial.ts";
import { formatFraction, formatPercent } from "../../ui/format.ts";

/** "10 % of the slices, 1/4 of the volumes, Fixed interval, repeat 1". */
export function trialName(one: { configuration: Configuration; repeat: number }): string {
  const { density, volumeFraction, strategy, interpolator } = one.configuration;
  return [
    `${formatPercent(density)} of the slices`,
    volumeFraction === 1 ? "all volumes" : `${formatFraction(volumeFraction)} of the volumes`,
    strategyLabels[strategy],
    ...(interpolator === "none" ? [] : [interpolatorLabels[interpolator]]),
    `repeat ${one.repeat + 1}`,
  ].join(", ");
}
