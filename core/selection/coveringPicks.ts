import { PlannerError } from "../errors.ts";
import type { Random } from "../random.ts";
import {
  type DistanceBounds,
  distanceBounds,
  squaredBound,
  squaredLimit,
} from "./distanceBounds.ts";
import { distanceBetween, type Features, requirePicks } from "./features.ts";
import { kCenterGreedy } from "./kCenterGreedy.ts";
import { kMeans } from "./kMeans.ts";
import { leader } from "./leader.ts";
import type { Quota } from "./quota.ts";

/** Share of balls that must hold rows of one cluster only. */
const PURITY = 0.95;
const MOST_CLUSTERS = 500;
const HALVINGS = 8;
/** Every row is compared with every other, and a bit kept of each pair. */
const MOST_ROWS = 20_000;

/**
 * Rows whose balls of one radius together cover most rows: greedily the row that covers
 * most rows not covered yet (smallest index on ties). The radius is the largest at which
 * 95 % of the balls around rows hold rows of one k-means cluster only. Slices that change
 * gradually have no such clusters, and balls would hold hardly more than their own row; then
 * the radius is the smallest with which `count` balls cover 95 % of the rows.
 *
 * Once everything is covered, further picks are the rows farthest from all picked ones.
 *
 * @returns `count` rows in the order they were picked
 * @throws PlannerError "experiment" above 20,000 rows
 *
 * Source: ProbCover, Yehuda et al. 2022, arXiv:2205.11320; the radius for gradual change and
 * the last rule are ours.
 */
export function coveringPicks(
  features: Features,
  count: number,
  random: Random,
  quota?: Quota,
): number[] {
  requirePicks(count, features);
  if (features.count > MOST_ROWS) {
    throw new PlannerError(
      "experiment",
      `probcover must compare every slice with every other and takes at most ${MOST_ROWS} slices, ` +
        `got ${features.count}; pick in each volume, or use coreset`,
    );
  }
  const { labels } = kMeans(features, Math.min(count, MOST_CLUSTERS), random);
  const bounds = distanceBounds(features);
  const pure = pureRadius(features, bounds, labels);
  const radius = Math.max(pure, sufficientRadius(features, bounds, count, pure));
  const picks = greedyCover(ballsOf(features, bounds, radius), features.count, count, quota);
  addFarthest(features, count, picks, quota);
  return picks;
}

/** Rows that cover most, until nothing is left to cover or `count` are picked. */
function greedyCover(
  balls: ReturnType<typeof ballsOf>,
  rows: number,
  count: number,
  quota?: Quota,
): number[] {
  const gains = Int32Array.from({ length: rows }, (_, row) => balls.newlyCovered(row));
  const evaluatedAt = new Int32Array(rows);
  const picks: number[] = [];
  const take = (row: number) => {
    picks.push(row);
    quota?.take(row);
    balls.cover(row);
    gains[row] = -1;
  };
  while (picks.length < count) {
    let best = leader(gains, 0, quota);
    while (best >= 0 && evaluatedAt[best] !== picks.length) {
      gains[best] = balls.newlyCovered(best);
      evaluatedAt[best] = picks.length;
      best = leader(gains, 0, quota);
    }
    if (best < 0) break;
    take(best);
  }
  return picks;
}

/**
 * Smallest radius with which `count` balls cover 95 % of the rows, by halving; 0 where the
 * known radius does already.
 */
function sufficientRadius(
  features: Features,
  bounds: DistanceBounds,
  count: number,
  known: number,
): number {
  const covers = (radius: number) => {
    const balls = ballsOf(features, bounds, radius);
    greedyCover(balls, features.count, count);
    return balls.open() <= (1 - PURITY) * features.count;
  };
  if (known === Number.POSITIVE_INFINITY || covers(known)) return 0;
  let low = known;
  // Balls of this radius around as many rows cover every row.
  let high = 2 * (kCenterGreedy(features, count, 0).radius.at(-1) ?? 0);
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (covers(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Largest radius with enough pure balls. A ball turns impure at the distance of the
 * nearest row of another cluster, so the radius lies just below a quantile of those.
 */
function pureRadius(features: Features, bounds: DistanceBounds, labels: Int32Array): number {
  const { count } = features;
  const impureAt = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const meet = (row: number, other: number) => {
    const known = Math.max(impureAt[row] as number, impureAt[other] as number);
    const limit = squaredLimit(bounds, known);
    if (squaredBound(bounds, row, other, limit) > limit) return;
    const distance = distanceBetween(features, noNorms, "euclidean", row, other);
    impureAt[row] = Math.min(impureAt[row] as number, distance);
    impureAt[other] = Math.min(impureAt[other] as number, distance);
  };
  for (let row = 0; row < count; row++) {
    for (let other = row + 1; other < count; other++) {
      if (labels[other] !== labels[row]) meet(row, other);
    }
  }
  const limit = impureAt.sort()[Math.floor((1 - PURITY) * count)] as number;
  return limit === Number.POSITIVE_INFINITY ? limit : limit * (1 - 1e-9);
}

/** Which rows lie in the ball around which, a bit per pair, and what is covered so far. */
function ballsOf(features: Features, bounds: DistanceBounds, radius: number) {
  const { count } = features;
  const words = Math.ceil(count / 32);
  const inside = new Uint32Array(count * words);
  const open = new Uint32Array(words);
  const set = (row: number, other: number) => {
    const at = row * words + (other >>> 5);
    inside[at] = (inside[at] as number) | (1 << (other & 31));
  };
  const limit = squaredLimit(bounds, radius);
  for (let row = 0; row < count; row++) {
    set(row, row);
    open[row >>> 5] = (open[row >>> 5] as number) | (1 << (row & 31));
    for (let other = row + 1; other < count; other++) {
      if (squaredBound(bounds, row, other, limit) > limit) continue;
      if (distanceBetween(features, noNorms, "euclidean", row, other) > radius) continue;
      set(row, other);
      set(other, row);
    }
  }
  return {
    newlyCovered: (row: number): number => {
      let sum = 0;
      for (let word = 0; word < words; word++) {
        sum += bitCount((inside[row * words + word] as number) & (open[word] as number));
      }
      return sum;
    },
    /** Rows that are not covered. */
    open: (): number => open.reduce((sum, bits) => sum + bitCount(bits), 0),
    cover: (row: number): void => {
      for (let word = 0; word < words; word++) {
        open[word] = (open[word] as number) & ~(inside[row * words + word] as number);
      }
    },
  };
}

function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Adds rows farthest from all picked ones until there are `count`. */
function addFarthest(
  features: Features,
  count: number,
  picks: number[],
  quota: Quota | undefined,
): void {
  if (picks.length === count) return;
  const nearest = new Float64Array(features.count).fill(Number.POSITIVE_INFINITY);
  const approach = (pick: number) => {
    nearest[pick] = -1;
    for (let row = 0; row < nearest.length; row++) {
      if ((nearest[row] as number) < 0) continue;
      const distance = distanceBetween(features, noNorms, "euclidean", pick, row);
      if (distance < (nearest[row] as number)) nearest[row] = distance;
    }
  };
  for (const pick of picks) approach(pick);
  while (picks.length < count) {
    const best = leader(nearest, -1, quota);
    picks.push(best);
    quota?.take(best);
    approach(best);
  }
}

const noNorms = new Float64Array();
