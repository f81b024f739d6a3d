import type { Random } from "../random.ts";
import { distanceBetween, type Features, rowNorms } from "./features.ts";
import { kMeans } from "./kMeans.ts";

/** Neighbours that decide how typical a row is. */
const NEIGHBOURS = 20;

/**
 * One typical row of each of `count` clusters: the row with the smallest mean distance to
 * its nearest neighbours in the cluster.
 *
 *     typicality(i) = 1 / mean distance to the min(20, |cluster| - 1) nearest rows
 *
 * @returns `count` rows, ascending
 *
 * Source: TypiClust, Hacohen, Dekel and Weinshall 2022, arXiv:2202.02794 (first round:
 * nothing is labelled yet).
 */
export function typicalPicks(features: Features, count: number, random: Random): number[] {
  const { labels } = kMeans(features, count, random);
  const norms = rowNorms(features);
  const members = new Map<number, number[]>();
  labels.forEach((label, row) => {
    members.set(label, [...(members.get(label) ?? []), row]);
  });
  const picks = [...members.values()].map((rows) => {
    const spread = rows.map((row) => {
      const distances = rows
        .filter((other) => other !== row)
        .map((other) => distanceBetween(features, norms, "euclidean", row, other))
        .sort((a, b) => a - b)
        .slice(0, NEIGHBOURS);
      return distances.reduce((sum, value) => sum + value, 0) / Math.max(1, distances.length);
    });
    return rows[spread.indexOf(Math.min(...spread))] as number;
  });
  return picks.sort((a, b) => a - b);
}
