import type { AdaptiveCandidate } from "#core/analysis/adaptive.ts";
import { seededRandom } from "#core/random.ts";
import type { StoredGrid } from "./adaptiveReplay.ts";
import { gridSlices, gridVolumes, truths } from "./simulatedSurfaces.ts";

/** A stored full grid of one kind of truth: 20 configurations, `repeats` noisy trials each. */
export function simulatedGrid(
  truth: string,
  seed: number,
  repeats: number,
  noise: number,
): StoredGrid {
  const random = seededRandom(seed).fork(truth);
  const make = truths[truth];
  if (!make)
    throw new Error(`truth must be one of ${Object.keys(truths).join(", ")}, got ${truth}`);
  const actual = make(random.fork("truth"));
  const chance = random.fork("noise");
  // All trials of a repeat share their seed, and with it some luck.
  const luck = Array.from({ length: repeats }, () => noise * chance.normal());
  const scores = new Map<string, number>();
  const candidates: AdaptiveCandidate[] = gridVolumes.flatMap((volumes) =>
    gridSlices.map((slicesPerVolume) => {
      const trials = luck.map((_, repeat) => ({
        id: `v${volumes}-m${slicesPerVolume}-r${repeat}`,
        repeat,
      }));
      for (const { id, repeat } of trials) {
        const iou = actual(volumes, slicesPerVolume) + noise * chance.normal();
        scores.set(id, iou + (luck[repeat] as number));
      }
      return { volumes, slicesPerVolume, trials };
    }),
  );
  return { candidates, scores };
}
