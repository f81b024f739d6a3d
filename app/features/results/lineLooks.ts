import type { CurveLine } from "#core/evaluation/curve.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import { interpolatorLabels, networkLabels, strategyLabels } from "#core/experiment/methods.ts";
import type { Configuration } from "#core/experiment/trial.ts";
import { configurationsOf } from "#core/experiment/trial.ts";
import { formatFraction } from "../../ui/format.ts";
import { type SeriesStyle, seriesStyle } from "../../ui/seriesStyle.ts";

type Fixed = Omit<Configuration, "density">;

/** A line with its name and look. */
export interface NamedLine extends CurveLine {
  readonly label: string;
  readonly look: SeriesStyle;
}

/**
 * Lines as the chart shows them: colour and marker by volume fraction, dash by method
 * where there are several. Looks follow the experiment's lists, so a line keeps its look
 * while others appear.
 *
 * @param experiment - that the lines are of; null when it is not known
 */
export function namedLines(
  lines: readonly CurveLine[],
  experiment: Experiment | null,
): NamedLine[] {
  const fixed: Fixed[] = [
    ...(experiment ? configurationsOf(experiment) : []),
    ...lines.map((one) => one.configuration),
  ];
  const fractions = [...new Set(fixed.map((one) => one.volumeFraction))].sort((a, b) => a - b);
  const methods = [...new Set(fixed.map(methodKey))].sort();
  return lines.map((line) => {
    const byFraction = seriesStyle(fractions.indexOf(line.configuration.volumeFraction));
    const byMethod = seriesStyle(methods.indexOf(methodKey(line.configuration)));
    const look = methods.length > 1 ? { ...byFraction, dash: byMethod.dash } : byFraction;
    return { ...line, look, label: labelOf(line.configuration, fixed) };
  });
}

function methodKey({ network, strategy, interpolator }: Fixed): string {
  return `${network} ${strategy} ${interpolator}`;
}

/** The fraction, and of the methods those that differ between lines. */
function labelOf(one: Fixed, all: readonly Fixed[]): string {
  const differs = (key: keyof Fixed) => new Set(all.map((other) => other[key])).size > 1;
  const parts = [`${formatFraction(one.volumeFraction)} of the volumes`];
  if (one.volumeFraction === 1) parts[0] = "all volumes";
  if (differs("network")) parts.push(networkLabels[one.network]);
  if (differs("strategy")) parts.push(strategyLabels[one.strategy]);
  if (differs("interpolator")) parts.push(interpolatorLabels[one.interpolator]);
  return parts.join(", ");
}
