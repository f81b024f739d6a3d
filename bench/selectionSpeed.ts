import { seededRandom } from "#core/random.ts";
import { facilityLocation } from "#core/selection/facilityLocation.ts";
import type { Features } from "#core/selection/features.ts";
import { kCenterGreedy, medoidOf } from "#core/selection/kCenterGreedy.ts";

/** Features as wide as those of the small masked autoencoder. */
const LENGTH = 192;
/** Slices of one volume, which change gradually. */
const DEPTH = 100;

/**
 * Slices like those of scans: in a volume each is the one before, a little changed; volumes
 * differ; both spread along few directions more than along the others. `isotropic` rows have no
 * structure at all, which spares nothing: the worst case.
 */
export function simulatedFeatures(count: number, isIsotropic: boolean): Features {
  const random = seededRandom(1);
  const values = new Float32Array(count * LENGTH);
  const current = new Float64Array(LENGTH);
  for (let row = 0; row < count; row++) {
    let squares = 0;
    for (let k = 0; k < LENGTH; k++) {
      // Uniform draws: as good here as normal ones and a quarter of their price.
      const draw = random.uniform() - 0.5;
      const isNew = isIsotropic || row % DEPTH === 0;
      const step = isIsotropic ? draw : draw / (1 + 0.2 * k);
      current[k] = isNew ? 4 * step : (current[k] as number) + 0.5 * step;
      squares += (current[k] as number) ** 2;
    }
    const norm = Math.sqrt(squares);
    for (let k = 0; k < LENGTH; k++) values[row * LENGTH + k] = (current[k] as number) / norm;
  }
  return { count, length: LENGTH, values };
}

/** Makes one selection. */
export function pick(method: "coreset" | "unsupervised", features: Features, picks: number): void {
  if (method === "coreset") kCenterGreedy(features, picks, medoidOf(features));
  else facilityLocation(features, picks);
}
