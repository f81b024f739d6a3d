import { mean } from "../evaluation/statistics.ts";
import { type StrategyName, strategyLabels } from "../experiment/methods.ts";
import type { TrialResult } from "../results/result.ts";
import { groupByConfiguration } from "./contrasts.ts";
import {
  type EquivalenceTest,
  equivalence,
  type FriedmanTest,
  friedman,
  holm,
  signedRank,
} from "./pairedTests.ts";

/** Whether strategies differ, over all configurations that were run with each of them. */
export interface StrategyComparison {
  readonly strategies: readonly StrategyName[];
  /** Configurations (density, volume fraction, network, interpolator) with every strategy. */
  readonly blocks: number;
  /**
   * Per strategy and block: mean IoU of the strategy less the mean over all strategies. In
   * each block they sum to 0, so boxes of different strategies are not independent.
   */
  readonly disparities: Readonly<Partial<Record<StrategyName, readonly number[]>>>;
  /** null for fewer than 3 strategies or 2 blocks */
  readonly friedman: FriedmanTest | null;
  readonly pairs: readonly StrategyPair[];
}

export interface StrategyPair {
  readonly first: StrategyName;
  readonly second: StrategyName;
  /** Mean IoU of the first less that of the second over blocks. */
  readonly difference: number;
  /** Wilcoxon over blocks, adjusted by Holm over the pairs. */
  readonly adjustedP: number;
  /** Two one-sided tests: a small p says the difference lies within the margin. */
  readonly equivalence: EquivalenceTest | null;
}

/** Difference of IoU that is too small to matter, unless the user says otherwise. */
export const DEFAULT_MARGIN = 0.01;

/**
 * The paper's third question. "No difference" is a claim of its own and has its own test.
 *
 * @param margin - IoU
 */
export function compareStrategies(
  results: readonly TrialResult[],
  margin: number = DEFAULT_MARGIN,
): StrategyComparison {
  const blocks = completeBlocks(results);
  const strategies = strategiesIn(results);
  const column = (name: StrategyName) => blocks.map((block) => block.get(name) as number);
  const pairs = strategies.flatMap((first, k) =>
    strategies.slice(k + 1).map((second) => {
      const differences = blocks.map(
        (block) => (block.get(first) as number) - (block.get(second) as number),
      );
      return { first, second, differences, p: signedRank(differences).p };
    }),
  );
  const adjusted = holm(pairs.map(({ p }) => p));
  const centres = blocks.map((block) => mean([...block.values()]));
  return {
    strategies,
    blocks: blocks.length,
    disparities: Object.fromEntries(
      strategies.map((name) => [
        name,
        column(name).map((value, k) => value - (centres[k] as number)),
      ]),
    ),
    friedman: friedman(blocks.map((block) => strategies.map((name) => block.get(name) as number))),
    pairs: pairs.map(({ first, second, differences }, k) => ({
      first,
      second,
      difference: mean(differences),
      adjustedP: adjusted[k] as number,
      equivalence: equivalence(differences, margin),
    })),
  };
}

/** Strategies with finished trials, in the order in which they are declared. */
function strategiesIn(results: readonly TrialResult[]): StrategyName[] {
  const used = new Set(
    groupByConfiguration(results).map(({ configuration }) => configuration.strategy),
  );
  return (Object.keys(strategyLabels) as StrategyName[]).filter((name) => used.has(name));
}

/** Mean IoU by strategy of every block that has all strategies. */
function completeBlocks(results: readonly TrialResult[]): Map<StrategyName, number>[] {
  const strategies = strategiesIn(results);
  const blocks = new Map<string, Map<StrategyName, number>>();
  for (const { configuration, results: trials } of groupByConfiguration(results)) {
    const { network, density, volumeFraction, interpolator, strategy } = configuration;
    const scores = trials.flatMap(({ iou }) => (iou?.mean == null ? [] : [iou.mean]));
    if (scores.length === 0) continue;
    const key = `${network} ${density} ${volumeFraction} ${interpolator}`;
    const block = blocks.get(key) ?? new Map<StrategyName, number>();
    block.set(strategy, mean(scores));
    blocks.set(key, block);
  }
  return [...blocks.values()].filter((block) => strategies.every((name) => block.has(name)));
}
