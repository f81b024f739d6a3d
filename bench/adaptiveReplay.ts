import { type AdaptiveCandidate, type AdaptiveInputs, nextTrial } from "#core/analysis/adaptive.ts";
import { fitSurface } from "#core/analysis/fitSurface.ts";
import { extrapolatedIou } from "#core/analysis/learningSurface.ts";
import { type AnnotationSize, recommend } from "#core/analysis/recommend.ts";
import { seededRandom } from "#core/random.ts";

/** A grid of which every trial was run. */
export interface StoredGrid {
  readonly candidates: readonly AdaptiveCandidate[];
  /** IoU by trial. */
  readonly scores: ReadonlyMap<string, number>;
}

export interface Replay {
  readonly trials: number;
  readonly share: number;
  readonly state: string;
  /** By the adaptive run, and by the whole grid. */
  readonly adaptive: AnnotationSize;
  readonly full: AnnotationSize;
  /** IoU that the whole grid's surface gives the one less the other. */
  readonly loss: number;
}

/** Runs an adaptive experiment whose trials are looked up instead of trained. */
export function replay(
  { candidates, scores }: StoredGrid,
  settings: Omit<AdaptiveInputs, "candidates" | "done">,
  seed = 1,
): Replay {
  const done = new Map<string, number>();
  const random = seededRandom(seed);
  for (;;) {
    const step = nextTrial({ ...settings, candidates, done }, random);
    if (step.trial !== null) {
      done.set(step.trial, scores.get(step.trial) as number);
      continue;
    }
    const surface = fitSurface(
      candidates.flatMap(({ volumes, slicesPerVolume, trials }) =>
        trials.map(({ id }) => ({ volumes, slicesPerVolume, iou: scores.get(id) as number })),
      ),
    );
    const full = recommend({ ...settings, surface, doubt: [] }).best;
    const adaptive = step.best ?? full;
    const on = ({ volumes, slicesPerVolume }: AnnotationSize) =>
      extrapolatedIou(surface, volumes, slicesPerVolume);
    return {
      trials: done.size,
      share: done.size / scores.size,
      state: step.state,
      adaptive: { volumes: adaptive.volumes, slicesPerVolume: adaptive.slicesPerVolume },
      full: { volumes: full.volumes, slicesPerVolume: full.slicesPerVolume },
      loss: on(full) - on(adaptive),
    };
  }
}
