import { distanceBetween, type Features, type Metric, requirePicks, rowNorms } from "./features.ts";

/** Rows in the order they were picked, and the coverage radius after each pick. */
export interface KCenterPicks {
  readonly picks: readonly number[];
  /** radius[k] = max_j min_i d(f_i, f_j) after k + 1 picks */
  readonly radius: readonly number[];
}

/**
 * Core-set selection: repeatedly picks the row farthest from all picked ones, so that no
 * row is far from a picked one. The radius is at most twice the best possible.
 *
 *     mind_j = min over picks of d(f_i, f_j),  next = argmax_j mind_j (smallest j on ties)
 *
 * Cost: count x picks distances.
 *
 * @param first - the first pick; `medoidOf` gives a deterministic one
 *
 * Source: Sener and Savarese 2018, arXiv:1708.00489; Gonzalez 1985,
 * doi:10.1016/0304-3975(85)90224-5.
 */
export function kCenterGreedy(
  features: Features,
  count: number,
  first: number,
  metric: Metric = "euclidean",
): KCenterPicks {
  requirePicks(count, features);
  const norms = rowNorms(features);
  const nearest = new Float64Array(features.count).fill(Number.POSITIVE_INFINITY);
  const picks: number[] = [];
  const radius: number[] = [];
  let next = first;
  while (picks.length < count) {
    picks.push(next);
    // A picked row never comes again, not even among equal rows whose distances are all 0.
    nearest[next] = Number.NEGATIVE_INFINITY;
    let farthest = -1;
    for (let row = 0; row < features.count; row++) {
      const known = nearest[row] as number;
      if (known === Number.NEGATIVE_INFINITY) continue;
      const distance = Math.min(known, distanceBetween(features, norms, metric, next, row));
      nearest[row] = distance;
      if (farthest < 0 || distance > (nearest[farthest] as number)) farthest = row;
    }
    radius.push(farthest < 0 ? 0 : (nearest[farthest] as number));
    next = farthest;
  }
  return { picks, radius };
}

/** The row with the smallest sum of distances to all rows; smallest index on ties. */
export function medoidOf(features: Features, metric: Metric = "euclidean"): number {
  const norms = rowNorms(features);
  let best = 0;
  let bestSum = Number.POSITIVE_INFINITY;
  for (let row = 0; row < features.count; row++) {
    let sum = 0;
    for (let other = 0; other < features.count && sum < bestSum; other++) {
      sum += distanceBetween(features, norms, metric, row, other);
    }
    if (sum < bestSum) {
      best = row;
      bestSum = sum;
    }
  }
  return best;
}
