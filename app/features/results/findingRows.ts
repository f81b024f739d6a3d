import type { Analysis } from "#core/analysis/analyse.ts";
import { interpolatorLabels, networkLabels, strategyLabels } from "#core/experiment/methods.ts";
import type { Configuration } from "#core/experiment/trial.ts";
import { formatFraction, formatPercent } from "../../ui/format.ts";

/** One number that an analysis found, with its doubt. */
export interface FindingRow {
  readonly key: string;
  readonly group: string;
  readonly finding: string;
  /** Gain in IoU. */
  readonly gain: number;
  readonly interval: readonly [low: number, high: number] | null;
  /** After Holm's adjustment; null where an interval alone is given. */
  readonly adjustedP: number | null;
  /** What was compared: test cases, or configurations for strategies. */
  readonly compared: string;
}

/** Every gain of an analysis as a row: what its sentences say in numbers. */
export function findingRows(analysis: Analysis): FindingRow[] {
  return [
    ...doublingRows(analysis),
    ...contrastRows(analysis),
    ...strategyRows(analysis),
    ...interpolationRows(analysis),
  ];
}

function doublingRows({ doubling }: Analysis): FindingRow[] {
  return doubling.flatMap(({ network, interpolator, volumes, density, difference, cases }) => {
    const method = `${networkLabels[network]}, ${interpolatorLabels[interpolator].toLowerCase()}`;
    const parts = [
      ["twice the volumes", volumes],
      ["twice the density", density],
      ["volumes less density", difference],
    ] as const;
    return parts.map(([name, { value, interval }]) => ({
      key: `${network} ${interpolator} ${name}`,
      group: "Per doubling",
      finding: `${method}: ${name}`,
      gain: value,
      interval,
      adjustedP: null,
      compared: casesText(cases),
    }));
  });
}

function contrastRows({ contrasts }: Analysis): FindingRow[] {
  return contrasts.map(({ wide, deep, difference, interval, adjustedP, cases }) => ({
    key: JSON.stringify([wide, deep]),
    group: "Equal budget",
    finding: `${sizeText(wide)} instead of ${sizeText(deep)}, ${strategyLabels[wide.strategy].toLowerCase()}`,
    gain: difference,
    interval,
    adjustedP,
    compared: casesText(cases),
  }));
}

function strategyRows({ strategies }: Analysis): FindingRow[] {
  if (!strategies) return [];
  return strategies.pairs.map(({ first, second, difference, adjustedP }) => ({
    key: `${first} ${second}`,
    group: "Strategy",
    finding: `${strategyLabels[first]} instead of ${strategyLabels[second].toLowerCase()}`,
    gain: difference,
    interval: null,
    adjustedP,
    compared: `${strategies.blocks} configurations`,
  }));
}

function interpolationRows({ interpolation }: Analysis): FindingRow[] {
  return interpolation.map((one) => ({
    key: `${one.network} ${one.interpolator} ${one.density}`,
    group: "Interpolation",
    finding: `${interpolatorLabels[one.interpolator]} instead of none at density ${formatPercent(one.density)}`,
    gain: one.difference,
    interval: one.interval,
    adjustedP: one.adjustedP,
    compared: casesText(one.cases),
  }));
}

function sizeText({ volumeFraction, density }: Configuration): string {
  return `${formatFraction(volumeFraction)} of volumes at ${formatPercent(density)}`;
}

function casesText(cases: number): string {
  return `${cases} test ${cases === 1 ? "case" : "cases"}`;
}
