import { distanceBounds, squaredBound, squaredLimit } from "./distanceBounds.ts";
import { distanceBetween, type Features, type Metric, requirePicks, rowNorms } from "./features.ts";
import { leader } from "./leader.ts";
import type { Quota } from "./quota.ts";

/** Rows in the order they were picked, and the coverage radius after each pick. */
export interface KCenterPicks {
  readonly picks: readonly number[];
  /** radius[k] = max_j min_i d(f_i, f_j) after k + 1 picks */
  readonly radius: readonly number[];
}

/** From this many rows on, bounds on distances pay for themselves. */
const BOUNDED_ROWS = 1024;
/** Up to this many rows the medoid is found exactly. */
const MEDOID_ROWS = 4096;

/**
 * Core-set selection: repeatedly picks the row farthest from all picked ones, so that no
 * row is far from a picked one. The radius is at most twice the best possible, where no quota
 * says otherwise.
 *
 *     mind_j = min over picks of d(f_i, f_j),  next = argmax_j mind_j (smallest j on ties)
 *
 * Cost: count x picks, of which a bound in 16 coordinates decides most; only what it leaves
 * open is measured in full.
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
  quota?: Quota,
): KCenterPicks {
  requirePicks(count, features);
  const nearest = new Float64Array(features.count).fill(Number.POSITIVE_INFINITY);
  const approach = approacher(features, metric, nearest);
  const picks: number[] = [];
  const radius: number[] = [];
  let next = first;
  while (picks.length < count) {
    picks.push(next);
    quota?.take(next);
    // A picked row never comes again, not even among equal rows whose distances are all 0.
    nearest[next] = Number.NEGATIVE_INFINITY;
    approach(next);
    const farthest = leader(nearest, Number.NEGATIVE_INFINITY);
    radius.push(farthest < 0 ? 0 : (nearest[farthest] as number));
    next = quota ? leader(nearest, Number.NEGATIVE_INFINITY, quota) : farthest;
  }
  return { picks, radius };
}

/** Lowers every row's distance to the nearest pick by a new pick. */
function approacher(
  features: Features,
  metric: Metric,
  nearest: Float64Array,
): (pick: number) => void {
  const norms = metric === "cosine" ? rowNorms(features) : new Float64Array();
  if (metric === "cosine" || features.count < BOUNDED_ROWS) {
    return (pick) => {
      for (let row = 0; row < nearest.length; row++) {
        const known = nearest[row] as number;
        if (known === Number.NEGATIVE_INFINITY) continue;
        const distance = distanceBetween(features, norms, metric, pick, row);
        if (distance < known) nearest[row] = distance;
      }
    };
  }
  const bounds = distanceBounds(features);
  return (pick) => {
    for (let row = 0; row < nearest.length; row++) {
      const known = nearest[row] as number;
      if (known <= 0) continue;
      const limit = squaredLimit(bounds, known);
      if (squaredBound(bounds, pick, row, limit) > limit) continue;
      const distance = distanceBetween(features, norms, metric, pick, row);
      if (distance < known) nearest[row] = distance;
    }
  };
}

/**
 * The row with the smallest sum of distances to all rows; smallest index on ties. Among more
 * than 4096 rows, the one nearest to their mean.
 */
export function medoidOf(features: Features, metric: Metric = "euclidean"): number {
  if (features.count > MEDOID_ROWS) return nearestToMean(features);
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

function nearestToMean({ count, length, values }: Features): number {
  const mean = new Float64Array(length);
  for (let at = 0; at < count * length; at++) {
    mean[at % length] = (mean[at % length] as number) + (values[at] as number) / count;
  }
  let best = 0;
  let bestSquare = Number.POSITIVE_INFINITY;
  for (let row = 0; row < count; row++) {
    let square = 0;
    for (let k = 0; k < length && square < bestSquare; k++) {
      square += ((values[row * length + k] as number) - (mean[k] as number)) ** 2;
    }
    if (square < bestSquare) {
      best = row;
      bestSquare = square;
    }
  }
  return best;
}
