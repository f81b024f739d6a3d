import type { InterpolatorName, NetworkName } from "../experiment/methods.ts";
import type { Random } from "../random.ts";
import type { TrialResult } from "../results/result.ts";
import { type PairedDifference, pairedDifference } from "./pairedDifferences.ts";
import { holm } from "./pairedTests.ts";

/** An interpolator against none at one density, over all volume fractions and strategies. */
export interface InterpolationContrast extends PairedDifference {
  readonly network: NetworkName;
  readonly interpolator: InterpolatorName;
  readonly density: number;
  /** Adjusted by Holm over all contrasts. */
  readonly adjustedP: number;
}

/**
 * The paper's second question: does training on interpolated slices too help? Pairs differ in
 * the interpolator alone.
 *
 * @returns by network and interpolator, densities ascending; > 0 speaks for interpolation
 */
export function compareInterpolation(
  results: readonly TrialResult[],
  random: Random,
): InterpolationContrast[] {
  const groups = new Map<string, TrialResult[]>();
  for (const result of results) {
    if (result.status !== "done" || !result.iou) continue;
    const key = keyOf(result, result.configuration.interpolator);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  const found = [...groups].flatMap(([key, trials]) => {
    const first = trials[0] as TrialResult;
    const { network, interpolator, density } = first.configuration;
    const without = groups.get(keyOf(first, "none"));
    if (interpolator === "none" || !without) return [];
    const paired = pairedDifference(trials, without, random.fork(`interpolation ${key}`), alike);
    return paired ? [{ network, interpolator, density, ...paired }] : [];
  });
  const adjusted = holm(found.map(({ p }) => p));
  return found
    .map((contrast, k) => ({ ...contrast, adjustedP: adjusted[k] as number }))
    .sort((a, b) => {
      const name = (one: InterpolationContrast) => `${one.network} ${one.interpolator}`;
      return name(a) === name(b) ? a.density - b.density : name(a) < name(b) ? -1 : 1;
    });
}

function keyOf({ configuration }: TrialResult, interpolator: InterpolatorName): string {
  return `${configuration.network} ${interpolator} ${configuration.density}`;
}

function alike({ configuration, repeat }: TrialResult): string {
  return `${configuration.strategy} ${configuration.volumeFraction} ${repeat}`;
}
