import type { PlaceStrategy } from "./strategy.ts";

/**
 * Slices at a fixed interval, centred in the volume; also right when the interval is not
 * a whole number.
 *
 *     z_k = floor((k + 1/2) Z / m),  k = 0..m-1
 *
 * Neighbouring picks are floor(Z/m) or ceil(Z/m) apart.
 *
 * Source: "every n-th slice", Zhang et al. 2025 (PMLR 301:1811-1831); the centring is ours.
 */
export const fixedInterval: PlaceStrategy = (depth, count) =>
  Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * depth) / count));
