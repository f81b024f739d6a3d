import { mean, standardDeviation } from "../evaluation/statistics.ts";
import type { InterpolatorName, NetworkName, StrategyName } from "../experiment/methods.ts";
import type { Random } from "../random.ts";
import type { TrialResult } from "../results/result.ts";
import { groupByConfiguration } from "./contrasts.ts";
import { pairedDifference } from "./pairedDifferences.ts";

/** Mean and sample standard deviation of trials. */
export interface Spread {
  readonly mean: number;
  /** null for one trial */
  readonly sd: number | null;
  readonly trials: number;
}

/** One cell of the paper's tables 2 to 4: a density at a volume fraction, over all trials. */
export interface TableRow extends Spread {
  readonly network: NetworkName;
  readonly interpolator: InterpolatorName;
  readonly volumeFraction: number;
  readonly density: number;
  /** Annotated volumes, and slices in all; means over trials. */
  readonly volumes: number;
  readonly slices: number;
  readonly byStrategy: Readonly<Partial<Record<StrategyName, Spread>>>;
  /**
   * How much IoU is lost against the densest row of the same network and interpolator, with
   * its 95 % interval; null for that row itself and where no case is shared.
   */
  readonly drop: { readonly iou: number; readonly interval: readonly [number, number] } | null;
}

/**
 * IoU by network, interpolator, volume fraction and density, over all strategies and repeats,
 * and what each row loses against the densest one (the paper's figure 1).
 *
 * @returns by network, interpolator, volume fraction and density, each ascending
 */
export function configurationTable(results: readonly TrialResult[], random: Random): TableRow[] {
  const rows = new Map<string, TrialResult[]>();
  for (const { configuration, results: trials } of groupByConfiguration(results)) {
    const { network, interpolator, volumeFraction, density } = configuration;
    const key = `${network} ${interpolator} ${volumeFraction} ${density}`;
    const scored = trials.filter(({ iou }) => iou?.mean != null);
    if (scored.length > 0) rows.set(key, [...(rows.get(key) ?? []), ...scored]);
  }
  const groups = [...rows].map(([key, trials]) => ({ key, trials }));
  return groups.map(({ key, trials }) => rowOf(key, trials, groups, random)).sort(inOrder);
}

interface Group {
  readonly key: string;
  readonly trials: readonly TrialResult[];
}

function rowOf(
  key: string,
  trials: readonly TrialResult[],
  groups: readonly Group[],
  random: Random,
): TableRow {
  const { network, interpolator, volumeFraction, density } = configurationOf(trials);
  const dense = groups
    .filter((group) => {
      const other = configurationOf(group.trials);
      return other.network === network && other.interpolator === interpolator;
    })
    .reduce((best, group) => (shareOf(group.trials) > shareOf(best.trials) ? group : best));
  const against =
    dense.key === key
      ? null
      : pairedDifference(dense.trials, trials, random.fork(`drop ${key}`), strategyAndRepeat);
  return {
    network,
    interpolator,
    volumeFraction,
    density,
    ...spreadOf(trials),
    volumes: mean(trials.map(({ volumes }) => volumes ?? 0)),
    slices: mean(trials.map(({ annotatedSlices }) => annotatedSlices ?? 0)),
    byStrategy: Object.fromEntries(
      [...new Set(trials.map(({ configuration }) => configuration.strategy))].map((strategy) => [
        strategy,
        spreadOf(trials.filter(({ configuration }) => configuration.strategy === strategy)),
      ]),
    ),
    drop: against && { iou: against.difference, interval: against.interval },
  };
}

function spreadOf(trials: readonly TrialResult[]): Spread {
  const scores = trials.map(({ iou }) => iou?.mean as number);
  return { mean: mean(scores), sd: standardDeviation(scores), trials: scores.length };
}

function configurationOf(trials: readonly TrialResult[]) {
  return (trials[0] as TrialResult).configuration;
}

function shareOf(trials: readonly TrialResult[]): number {
  const { volumeFraction, density } = configurationOf(trials);
  return volumeFraction * density;
}

/** Trials of different configurations that are compared with each other. */
export function strategyAndRepeat({ configuration, repeat }: TrialResult): string {
  return `${configuration.strategy} ${repeat}`;
}

function inOrder(a: TableRow, b: TableRow): number {
  const name = ({ network, interpolator }: TableRow) => `${network} ${interpolator}`;
  if (name(a) !== name(b)) return name(a) < name(b) ? -1 : 1;
  return a.volumeFraction - b.volumeFraction || a.density - b.density;
}
