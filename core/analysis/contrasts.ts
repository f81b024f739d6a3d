import type { Configuration } from "../experiment/trial.ts";
import type { Random } from "../random.ts";
import type { TrialResult } from "../results/result.ts";
import { type PairedDifference, pairedDifference } from "./pairedDifferences.ts";
import { holm } from "./pairedTests.ts";

/** Twice the volumes at half the density, against the same budget in fewer volumes. */
export interface VolumeContrast extends PairedDifference {
  /** More volumes, fewer slices in each. */
  readonly wide: Configuration;
  /** Fewer volumes, more slices in each. */
  readonly deep: Configuration;
  /** Adjusted by Holm over all contrasts. */
  readonly adjustedP: number;
}

/**
 * The paper's first question at every pair of configurations with the same budget: does
 * doubling the volumes gain more than doubling the density?
 *
 * @returns a contrast per pair, smallest budget first; difference > 0 speaks for volumes
 */
export function volumeContrasts(results: readonly TrialResult[], random: Random): VolumeContrast[] {
  const groups = groupByConfiguration(results);
  const found = groups.flatMap((deep) =>
    groups.flatMap((wide) => {
      if (!isWider(wide.configuration, deep.configuration)) return [];
      const stream = random.fork(`${keyOf(wide.configuration)} ${keyOf(deep.configuration)}`);
      const paired = pairedDifference(wide.results, deep.results, stream);
      return paired ? [{ ...paired, wide: wide.configuration, deep: deep.configuration }] : [];
    }),
  );
  const adjusted = holm(found.map(({ p }) => p));
  return found
    .map((contrast, k) => ({ ...contrast, adjustedP: adjusted[k] as number }))
    .sort((a, b) => shareOf(a.deep) - shareOf(b.deep));
}

/** Done results of each configuration. */
export interface ConfigurationResults {
  readonly configuration: Configuration;
  readonly results: readonly TrialResult[];
}

/** Finished trials with a score, by configuration, in order of first appearance. */
export function groupByConfiguration(results: readonly TrialResult[]): ConfigurationResults[] {
  const groups = new Map<string, { configuration: Configuration; results: TrialResult[] }>();
  for (const result of results) {
    if (result.status !== "done" || result.iou === null) continue;
    const key = keyOf(result.configuration);
    const group = groups.get(key) ?? { configuration: result.configuration, results: [] };
    group.results.push(result);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function keyOf(configuration: Configuration): string {
  const { network, density, volumeFraction, strategy, interpolator } = configuration;
  return `${network} ${density} ${volumeFraction} ${strategy} ${interpolator}`;
}

/** Share of all slices that a configuration annotates. */
function shareOf({ density, volumeFraction }: Configuration): number {
  return density * volumeFraction;
}

function isWider(wide: Configuration, deep: Configuration): boolean {
  const isDouble = (a: number, b: number) => Math.abs(a / b - 2) < 1e-6;
  return (
    wide.network === deep.network &&
    wide.strategy === deep.strategy &&
    wide.interpolator === deep.interpolator &&
    isDouble(wide.volumeFraction, deep.volumeFraction) &&
    isDouble(deep.density, wide.density)
  );
}
