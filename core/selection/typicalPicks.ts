import type { Random } from "../random.ts";
import { distanceBetween, type Features, requirePicks } from "./features.ts";
import { kMeans } from "./kMeans.ts";
import type { Quota } from "./quota.ts";

/** Neighbours that decide how typical a row is. */
const NEIGHBOURS = 20;
/** Clusters at most; more picks take several rows of a cluster. */
const MOST_CLUSTERS = 500;
/** Rows of a cluster that a row is compared with, at most. */
const MOST_COMPARED = 2000;

/**
 * One typical row of each of `count` clusters: the row with the smallest mean distance to
 * its nearest neighbours in the cluster. Where there are more picks than 500 clusters, or a
 * quota refuses rows, clusters give one row after the other in turn, the largest first.
 *
 *     typicality(i) = 1 / mean distance to the min(20, |cluster| - 1) nearest rows
 *
 * @returns `count` rows, ascending
 *
 * Source: TypiClust, Hacohen, Dekel and Weinshall 2022, arXiv:2202.02794 (first round:
 * nothing is labelled yet).
 */
export function typicalPicks(
  features: Features,
  count: number,
  random: Random,
  quota?: Quota,
): number[] {
  requirePicks(count, features);
  const { labels } = kMeans(features, Math.min(count, MOST_CLUSTERS), random);
  const members = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const rows = members.get(label);
    if (rows) rows.push(row);
    else members.set(label, [row]);
  });
  const queues = [...members.values()]
    .sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number))
    .map((rows) => mostTypicalFirst(features, rows).reverse());
  const picks: number[] = [];
  while (picks.length < count) {
    for (const queue of queues) {
      const row = picks.length < count ? nextAllowed(queue, quota) : undefined;
      if (row !== undefined) picks.push(row);
    }
  }
  return picks.sort((a, b) => a - b);
}

/** Takes the last row that a quota allows; rows it refuses never come again. */
function nextAllowed(queue: number[], quota: Quota | undefined): number | undefined {
  for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
    if (quota && !quota.allows(row)) continue;
    quota?.take(row);
    return row;
  }
  return undefined;
}

/** Rows of a cluster, the most typical first; smallest index on ties. */
function mostTypicalFirst(features: Features, rows: readonly number[]): number[] {
  const step = Math.max(1, rows.length / MOST_COMPARED);
  const compared = Array.from(
    { length: Math.min(rows.length, MOST_COMPARED) },
    (_, k) => rows[Math.floor(k * step)] as number,
  );
  const spread = new Map(
    rows.map((row) => {
      const distances = compared
        .filter((other) => other !== row)
        .map((other) => distanceBetween(features, noNorms, "euclidean", row, other))
        .sort((a, b) => a - b)
        .slice(0, NEIGHBOURS);
      const sum = distances.reduce((all, value) => all + value, 0);
      return [row, sum / Math.max(1, distances.length)] as const;
    }),
  );
  return [...rows].sort((a, b) => (spread.get(a) ?? 0) - (spread.get(b) ?? 0) || a - b);
}

const noNorms = new Float64Array();
