import type { InterpolatorName, StrategyName } from "../experiment/methods.ts";
import { type InterpolationQuality, meanIou, pooledQuality } from "./interpolationQuality.ts";

/** Means over classes of the overlaps of all cases together; null where nothing is to overlap. */
export interface InterpolationScores {
  readonly whole: number | null;
  readonly interpolatedOnly: number | null;
}

/** What is compared. */
export interface InterpolationChoice {
  readonly method: InterpolatorName;
  readonly strategy: StrategyName;
  readonly density: number;
  readonly seed: number;
}

/** How one method did at one density. */
export interface InterpolationReport extends InterpolationChoice {
  readonly iou: InterpolationScores;
  readonly byDistance: readonly {
    readonly distance: number;
    readonly slices: number;
    readonly iou: number | null;
  }[];
  /** Share of the pixels between annotated slices that stayed unannotated. */
  readonly unannotated: number;
  readonly cases: readonly (InterpolationScores & { readonly case: string })[];
}

/** The report of the quality in each case, by its id. */
export function interpolationReport(
  { method, strategy, density, seed }: InterpolationChoice,
  found: ReadonlyMap<string, InterpolationQuality>,
): InterpolationReport {
  const all = pooledQuality([...found.values()]);
  return {
    ...{ method, strategy, density, seed, iou: scoresOf(all) },
    byDistance: all.byDistance.map(({ distance, slices, overlaps }) => ({
      ...{ distance, slices, iou: meanIou(overlaps) },
    })),
    unannotated: all.pixels === 0 ? 0 : all.left / all.pixels,
    cases: [...found].map(([id, quality]) => ({ case: id, ...scoresOf(quality) })),
  };
}

function scoresOf({ whole, interpolatedOnly }: InterpolationQuality): InterpolationScores {
  return { whole: meanIou(whole), interpolatedOnly: meanIou(interpolatedOnly) };
}
