import type { PlaceStrategy } from "./strategy.ts";

/**
 * Different slices drawn uniformly from the whole volume.
 *
 * Source: Zhang et al. 2025 (PMLR 301:1811-1831).
 */
export const uniformRandom: PlaceStrategy = (depth, count, random) =>
  random
    .permutation(depth)
    .slice(0, count)
    .sort((a, b) => a - b);
