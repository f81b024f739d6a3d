import type { Random } from "../random.ts";
import { distanceBetween, type Features, requirePicks, rowNorms } from "./features.ts";
import { kMeans } from "./kMeans.ts";

/** Share of balls that must hold rows of one cluster only. */
const PURITY = 0.95;

/**
 * Rows whose balls of one radius together cover most rows: greedily the row that covers
 * most rows not covered yet (smallest index on ties). The radius is the largest at which
 * 95 % of the balls around rows hold rows of one k-means cluster only.
 *
 * Once everything is covered, further picks are the rows farthest from all picked ones.
 *
 * @returns `count` rows in the order they were picked
 *
 * Source: ProbCover, Yehuda et al. 2022, arXiv:2205.11320; the last rule is ours.
 */
export function coveringPicks(features: Features, count: number, random: Random): number[] {
  requirePicks(count, features);
  const distances = allDistances(features);
  const { labels } = kMeans(features, count, random);
  const radius = pureRadius(features.count, distances, labels);
  const near = (row: number, other: number) =>
    (distances[row * features.count + other] as number) <= radius;
  const covered = new Uint8Array(features.count);
  const picks: number[] = [];
  while (picks.length < count) {
    const next =
      mostCovering(features.count, near, covered) ?? farthest(features.count, distances, picks);
    picks.push(next);
    for (let other = 0; other < features.count; other++) {
      if (near(next, other)) covered[other] = 1;
    }
  }
  return picks;
}

/** [count, count] */
function allDistances(features: Features): Float64Array {
  const { count } = features;
  const norms = rowNorms(features);
  const distances = new Float64Array(count * count);
  for (let row = 0; row < count; row++) {
    for (let other = row + 1; other < count; other++) {
      const distance = distanceBetween(features, norms, "euclidean", row, other);
      distances[row * count + other] = distance;
      distances[other * count + row] = distance;
    }
  }
  return distances;
}

/**
 * Largest radius with enough pure balls. A ball turns impure at the distance of the
 * nearest row of another cluster, so the radius lies just below a quantile of those.
 */
function pureRadius(count: number, distances: Float64Array, labels: Int32Array): number {
  const impureAt = Array.from({ length: count }, (_, row) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let other = 0; other < count; other++) {
      if (labels[other] === labels[row]) continue;
      nearest = Math.min(nearest, distances[row * count + other] as number);
    }
    return nearest;
  }).sort((a, b) => a - b);
  const limit = impureAt[Math.floor((1 - PURITY) * count)] as number;
  return limit === Number.POSITIVE_INFINITY ? limit : limit * (1 - 1e-9);
}

/** The row that covers most uncovered rows; null when none covers any. */
function mostCovering(
  count: number,
  near: (row: number, other: number) => boolean,
  covered: Uint8Array,
): number | null {
  let best: number | null = null;
  let bestGain = 0;
  for (let row = 0; row < count; row++) {
    let gain = 0;
    for (let other = 0; other < count; other++) {
      if (!covered[other] && near(row, other)) gain++;
    }
    if (gain > bestGain) {
      best = row;
      bestGain = gain;
    }
  }
  return best;
}

function farthest(count: number, distances: Float64Array, picks: readonly number[]): number {
  let best = -1;
  let bestDistance = -1;
  for (let row = 0; row < count; row++) {
    if (picks.includes(row)) continue;
    const distance = Math.min(...picks.map((pick) => distances[pick * count + row] as number));
    if (distance > bestDistance) {
      best = row;
      bestDistance = distance;
    }
  }
  return best;
}
