import type { SurfacePoint } from "#core/analysis/fitSurface.ts";
import { effectiveSlices } from "#core/analysis/learningSurface.ts";
import type { Random } from "#core/random.ts";

/** True IoU of annotating m slices in each of V volumes. */
export type Truth = (volumes: number, slicesPerVolume: number) => number;

/** Pool and grid of the simulated experiments: the paper's densities and volume fractions. */
export const pool = { volumes: 90, slices: 60, spacingMm: 2 };
export const gridVolumes = [11, 23, 45, 90] as const;
export const gridSlices = [3, 6, 12, 24, 48] as const;

const between = (random: Random, low: number, high: number) =>
  low + (high - low) * random.uniform();

/**
 * Kinds of truth. "overlap" is the family that is fitted; the others are not, so that a
 * recommendation is also judged where its model is wrong.
 */
export const truths: Readonly<Record<string, (random: Random) => Truth>> = {
  overlap: (random) => {
    const r = between(random, 0.02, 0.6);
    const rate = between(random, 0.25, 0.8);
    return scaled(random, (volumes, slices) => effectiveSlices(volumes, slices, r) ** -rate);
  },
  // Volumes gain more than density by the paper; here by up to four times as much.
  separable: (random) => {
    const density = between(random, 0.1, 0.5);
    const volume = density * between(random, 1, 4);
    return scaled(random, (volumes, slices) => volumes ** -volume * slices ** -density);
  },
  plateau: (random) => {
    const r = between(random, 0.02, 0.6);
    const scale = between(random, 20, 150);
    return scaled(random, (volumes, slices) =>
      Math.exp(-effectiveSlices(volumes, slices, r) / scale),
    );
  },
  // Against the paper: density gains more than volumes, as in short stacks.
  density: (random) => {
    const volume = between(random, 0.1, 0.4);
    const density = volume * between(random, 1, 2);
    return scaled(random, (volumes, slices) => volumes ** -volume * slices ** -density);
  },
};

/** A truth whose IoU over the grid runs between plausible ends. */
function scaled(random: Random, loss: Truth): Truth {
  const top = between(random, 0.6, 0.93);
  const drop = between(random, 0.08, 0.4);
  const least = loss(90, 48);
  const most = loss(11, 3);
  return (volumes, slices) => top - (drop * (loss(volumes, slices) - least)) / (most - least);
}

/** Noisy trials of the whole grid. */
export function gridTrials(truth: Truth, noise: number, repeats: number, random: Random) {
  return gridVolumes.flatMap((volumes) =>
    gridSlices.flatMap((slicesPerVolume) =>
      Array.from(
        { length: repeats },
        (): SurfacePoint => ({
          volumes,
          slicesPerVolume,
          iou: truth(volumes, slicesPerVolume) + noise * random.normal(),
        }),
      ),
    ),
  );
}
