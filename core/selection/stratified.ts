import type { PlaceStrategy } from "./strategy.ts";

/**
 * One slice drawn uniformly from each of `count` strata of equal length.
 *
 *     z_k = floor((k + u_k) Z / m),  u_k uniform in [0, 1), independent
 *
 * Strata need not start at whole slices; a slice that two strata share and both drew goes
 * to the first, the second takes the next one. Ours (jittered stratified sampling).
 */
export const stratified: PlaceStrategy = (depth, count, random) => {
  const drawn = Array.from({ length: count }, (_, k) =>
    Math.floor(((k + random.uniform()) * depth) / count),
  );
  return distinct(drawn, depth);
};

/** Ascending indices made different: up where two fall together, then back at the end. */
export function distinct(ascending: readonly number[], depth: number): number[] {
  const list: number[] = [];
  for (const index of ascending) list.push(Math.max(index, (list.at(-1) ?? -1) + 1));
  let limit = depth - 1;
  for (let k = list.length - 1; k >= 0; k--, limit--) {
    list[k] = Math.min(list[k] as number, limit);
  }
  return list;
}
