import type { PlaceStrategy } from "./strategy.ts";

/**
 * Slices at a fixed interval from a random start: systematic sampling. Every slice has the
 * same chance m / Z to be picked, so slice means over the picks are unbiased.
 *
 *     z_k = floor((k + u) Z / m),  one u uniform in [0, 1) per volume
 *
 * Source: Zhang et al. 2025 (fixed interval); Madow and Madow 1944,
 * doi:10.1214/aoms/1177731312 (systematic sampling).
 */
export const fixedIntervalRandomOffset: PlaceStrategy = (depth, count, random) => {
  const offset = random.uniform();
  return Array.from({ length: count }, (_, k) =>
    Math.min(depth - 1, Math.floor(((k + offset) * depth) / count)),
  );
};
