import type { Score } from "../engine.ts";

/**
 * Each patch less its mean, over its standard deviation: sqrt(variance + 1e-6), the variance
 * unbiased.
 */
export function normalisedPatches(patches: Float32Array, patchValues: number): Float32Array {
  const result = new Float32Array(patches.length);
  for (let at = 0; at < patches.length; at += patchValues) {
    const { mean, deviation } = momentsOf(patches.subarray(at, at + patchValues));
    for (let i = at; i < at + patchValues; i++) result[i] = ((patches[i] ?? 0) - mean) / deviation;
  }
  return result;
}

/** Mean and sqrt(unbiased variance + 1e-6) of a patch. */
export function momentsOf(patch: Float32Array): { mean: number; deviation: number } {
  const mean = patch.reduce((sum, value) => sum + value, 0) / patch.length;
  const squares = patch.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (patch.length - 1) + 1e-6) };
}

/**
 * Mean squared difference over the removed patches, and its gradient by every drawn value.
 *
 * @param drawn - [.., patches, patch values]
 * @param removed - per patch, 1 where it counts
 *
 * Source: He et al. 2022, arXiv:2111.06377.
 */
export function maskedLoss(drawn: Float32Array, wanted: Float32Array, removed: Uint8Array): Score {
  const patchValues = drawn.length / removed.length;
  const count = removed.reduce((sum, one) => sum + one, 0) * patchValues;
  const gradient = new Float32Array(drawn.length);
  let sum = 0;
  removed.forEach((one, patch) => {
    if (one === 0) return;
    for (let i = patch * patchValues; i < (patch + 1) * patchValues; i++) {
      const difference = (drawn[i] ?? 0) - (wanted[i] ?? 0);
      sum += difference ** 2;
      gradient[i] = (2 * difference) / count;
    }
  });
  return { loss: sum / count, gradient };
}
