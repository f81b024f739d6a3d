import { mean, quantile } from "../evaluation/statistics.ts";
import type { Random } from "../random.ts";
import type { TrialResult } from "../results/result.ts";
import { signedRank } from "./pairedTests.ts";

/** How two groups of trials differ on the same test cases and seeds. */
export interface PairedDifference {
  /** Mean IoU of the first less that of the second. */
  readonly difference: number;
  /** 95 % interval: cluster bootstrap over test cases, seeds drawn within. */
  readonly interval: readonly [low: number, high: number];
  /** Wilcoxon's signed rank over test cases, two-sided, not adjusted. */
  readonly p: number;
  readonly cases: number;
  readonly seeds: number;
}

/** Draws of the bootstrap. */
const DRAWS = 2000;

/**
 * Compares two groups of trials over the test cases and repeats that both have. The unit is
 * the test case: slices and seeds of one case tell partly the same story.
 *
 * @param pairBy - trials with the same text are compared with each other
 * @returns null when they share no case with a defined IoU
 *
 * Source: methods 6.2; Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x (cluster
 * bootstrap).
 */
export function pairedDifference(
  first: readonly TrialResult[],
  second: readonly TrialResult[],
  random: Random,
  pairBy: (result: TrialResult) => string = ({ repeat }) => `${repeat}`,
): PairedDifference | null {
  const table = differencesByCase(first, second, pairBy);
  if (table.length === 0) return null;
  const caseMeans = table.map(mean);
  const draws = Array.from({ length: DRAWS }, () =>
    mean(
      table.map(() => {
        const seeds = table[random.integer(table.length)] as readonly number[];
        return mean(seeds.map(() => seeds[random.integer(seeds.length)] as number));
      }),
    ),
  ).sort((a, b) => a - b);
  return {
    difference: mean(caseMeans),
    interval: [quantile(draws, 0.025), quantile(draws, 0.975)],
    p: signedRank(caseMeans).p,
    cases: table.length,
    seeds: Math.max(...table.map((seeds) => seeds.length)),
  };
}

/** [case][pair]: IoU of the first less that of the second. */
function differencesByCase(
  first: readonly TrialResult[],
  second: readonly TrialResult[],
  pairBy: (result: TrialResult) => string,
): (readonly number[])[] {
  const partners = new Map(second.map((result) => [pairBy(result), scoresOf(result)]));
  const table = new Map<string, number[]>();
  for (const result of first) {
    const other = partners.get(pairBy(result));
    if (!other) continue;
    for (const [id, iou] of scoresOf(result)) {
      const otherIou = other.get(id);
      if (otherIou === undefined) continue;
      table.set(id, [...(table.get(id) ?? []), iou - otherIou]);
    }
  }
  return [...table.values()];
}

/** Defined IoU by case. */
function scoresOf({ iou }: TrialResult): Map<string, number> {
  const scores = new Map<string, number>();
  for (const one of iou?.perCase ?? []) if (one.iou !== null) scores.set(one.case, one.iou);
  return scores;
}
