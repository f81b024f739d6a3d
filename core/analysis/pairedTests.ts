import { mean, standardDeviation } from "../evaluation/statistics.ts";
import { chiSquareTail, normalCdf, studentCdf } from "./distributions.ts";

/** Most differences for which the signed-rank distribution is counted out. */
const EXACT_LIMIT = 50;

export interface SignedRank {
  /** Smaller of the rank sums of positive and negative differences; null without any. */
  readonly statistic: number | null;
  /** Two-sided. */
  readonly p: number;
  /** Hodges-Lehmann estimate of the shift: median of the means of all pairs. */
  readonly shift: number;
}

/**
 * Wilcoxon's signed-rank test of paired differences. Zeros are dropped; the exact
 * distribution for up to 50 differences without zeros and ties, else the normal
 * approximation with tie correction and no continuity correction.
 *
 * No difference but zeros gives p = 1: nothing speaks against equality.
 *
 * Source: Wilcoxon 1945, doi:10.2307/3001968; Hodges and Lehmann 1963,
 * doi:10.1214/aoms/1177704172. Equal to scipy.stats.wilcoxon.
 */
export function signedRank(differences: readonly number[]): SignedRank {
  const shift = hodgesLehmann(differences);
  const nonZero = differences.filter((value) => value !== 0);
  if (nonZero.length === 0) return { statistic: null, p: 1, shift };
  const { ranks, ties } = rank(nonZero.map(Math.abs));
  const positive = ranks.reduce((sum, r, k) => sum + ((nonZero[k] as number) > 0 ? r : 0), 0);
  const total = (nonZero.length * (nonZero.length + 1)) / 2;
  const statistic = Math.min(positive, total - positive);
  const isExact =
    nonZero.length <= EXACT_LIMIT && ties.length === 0 && nonZero.length === differences.length;
  const p = isExact
    ? exactSignedRank(statistic, nonZero.length)
    : approximateSignedRank(statistic, nonZero.length, ties);
  return { statistic, p, shift };
}

/** Two-sided P of a rank sum at most `statistic`: subsets of 1..n counted by their sum. */
function exactSignedRank(statistic: number, n: number): number {
  const total = (n * (n + 1)) / 2;
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (let value = 1; value <= n; value++) {
    for (let sum = total; sum >= value; sum--) {
      ways[sum] = (ways[sum] as number) + (ways[sum - value] as number);
    }
  }
  let below = 0;
  for (let sum = 0; sum <= statistic; sum++) below += ways[sum] as number;
  return Math.min(1, (2 * below) / 2 ** n);
}

function approximateSignedRank(statistic: number, n: number, ties: readonly number[]): number {
  const centre = (n * (n + 1)) / 4;
  const tied = ties.reduce((sum, t) => sum + t ** 3 - t, 0);
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tied / 48;
  return Math.min(1, 2 * normalCdf((statistic - centre) / Math.sqrt(variance)));
}

function hodgesLehmann(values: readonly number[]): number {
  const means: number[] = [];
  values.forEach((value, k) => {
    for (let other = k; other < values.length; other++) {
      means.push((value + (values[other] as number)) / 2);
    }
  });
  return median(means);
}

/** Middle value; mean of the two middle ones for an even count; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Ranks from 1, equal values share their mean rank; sizes of the groups of equal values. */
function rank(values: readonly number[]): { ranks: number[]; ties: number[] } {
  const order = values
    .map((_, k) => k)
    .sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length).fill(0);
  const ties: number[] = [];
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    for (let k = from; k < to; k++) ranks[order[k] as number] = (from + to + 1) / 2;
    if (to - from > 1) ties.push(to - from);
    from = to;
  }
  return { ranks, ties };
}

export interface FriedmanTest {
  readonly statistic: number;
  readonly p: number;
  /** Kendall's W: 0 no agreement between blocks, 1 the same order in all. */
  readonly agreement: number;
}

/**
 * Friedman's test whether treatments differ within blocks, with tie correction.
 *
 * @param blocks - [blocks][treatments]
 * @returns null when it is undefined: fewer than 2 blocks or 3 treatments, or only ties
 *
 * Source: Friedman 1937, doi:10.1080/01621459.1937.10503522. Equal to
 * scipy.stats.friedmanchisquare.
 */
export function friedman(blocks: readonly (readonly number[])[]): FriedmanTest | null {
  const treatments = blocks[0]?.length ?? 0;
  const count = blocks.length;
  if (count < 2 || treatments < 3) return null;
  const sums = new Array<number>(treatments).fill(0);
  let tied = 0;
  for (const block of blocks) {
    const { ranks, ties } = rank(block);
    ranks.forEach((value, k) => {
      sums[k] = (sums[k] as number) + value;
    });
    tied += ties.reduce((sum, t) => sum + t * (t * t - 1), 0);
  }
  const correction = 1 - tied / (count * treatments * (treatments * treatments - 1));
  if (correction === 0) return null;
  const squares = sums.reduce((sum, value) => sum + value * value, 0);
  const raw =
    (12 * squares) / (count * treatments * (treatments + 1)) - 3 * count * (treatments + 1);
  const statistic = raw / correction;
  return {
    statistic,
    p: chiSquareTail(statistic, treatments - 1),
    agreement: statistic / (count * (treatments - 1)),
  };
}

export interface EquivalenceTest {
  /** Larger of the two one-sided p values: below the level, the difference is within the margin. */
  readonly p: number;
  readonly mean: number;
}

/**
 * Two one-sided t tests that the mean paired difference lies within +-margin.
 *
 * @returns null for fewer than two differences
 *
 * Source: Schuirmann 1987, doi:10.1007/BF01068419.
 */
export function equivalence(
  differences: readonly number[],
  margin: number,
): EquivalenceTest | null {
  const spread = standardDeviation(differences);
  if (spread === null) return null;
  const centre = mean(differences);
  const error = spread / Math.sqrt(differences.length);
  if (error === 0) return { p: Math.abs(centre) < margin ? 0 : 1, mean: centre };
  const degrees = differences.length - 1;
  const aboveLower = 1 - studentCdf((centre + margin) / error, degrees);
  const belowUpper = studentCdf((centre - margin) / error, degrees);
  return { p: Math.max(aboveLower, belowUpper), mean: centre };
}

/**
 * Holm's adjusted p values: all comparisons together err with the level's chance only.
 *
 * @returns in the order given
 *
 * Source: Holm 1979, https://www.jstor.org/stable/4615733.
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, k) => k).sort((a, b) => (p[a] as number) - (p[b] as number));
  const adjusted = new Array<number>(p.length).fill(1);
  let running = 0;
  order.forEach((index, k) => {
    running = Math.max(running, Math.min(1, (p.length - k) * (p[index] as number)));
    adjusted[index] = running;
  });
  return adjusted;
}
