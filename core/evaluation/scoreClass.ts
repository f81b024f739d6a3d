import type { Spacing3 } from "../volume/grid.ts";
import type { Mask } from "../volume/volume.ts";
import { iouOf, overlapOf } from "./overlap.ts";
import { surfaceDistances } from "./surfaceDistances.ts";

/** How well a prediction agrees with its reference in one class; undefined values are null. */
export interface ClassScore {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly iou: number | null;
  readonly dice: number | null;
  /** 95th percentile Hausdorff distance, mm; null when either mask is empty. */
  readonly hd95: number | null;
  /** Normalised surface Dice at the tolerance. */
  readonly nsd: number | null;
  /** Average symmetric surface distance, mm; null when either mask is empty. */
  readonly assd: number | null;
  /** (predicted - reference) / reference volume; null without a reference. */
  readonly volumeError: number | null;
}

/**
 * All scores of a class. Empty masks: with both empty everything is undefined; with one
 * empty IoU, Dice and surface Dice are 0 and distances are undefined (infinite).
 *
 * @param spacing - mm
 * @param tolerance - of the surface Dice, mm
 * @throws PlannerError "argument" when the shapes differ
 */
export function scoreClass(
  prediction: Mask,
  reference: Mask,
  spacing: Spacing3,
  tolerance: number,
  targetClass = 1,
): ClassScore {
  const { tp, fp, fn } = overlapOf(prediction, reference, targetClass);
  const surfaces = surfaceDistances(prediction, reference, spacing, [tolerance], targetClass);
  const finite = (value: number | undefined) => (Number.isFinite(value) ? (value ?? null) : null);
  return {
    tp,
    fp,
    fn,
    iou: iouOf({ tp, fp, fn }),
    dice: tp + fp + fn === 0 ? null : (2 * tp) / (2 * tp + fp + fn),
    hd95: finite(surfaces?.hd95),
    nsd: finite(surfaces?.nsd[0]),
    assd: finite(surfaces?.assd),
    volumeError: tp + fn === 0 ? null : (fp - fn) / (tp + fn),
  };
}

type Metric = Exclude<keyof ClassScore, "tp" | "fp" | "fn">;
const metrics = ["iou", "dice", "hd95", "nsd", "assd", "volumeError"] as const;

/** Mean of each metric over the cases where it is defined; null where it is nowhere. */
export function meanScore(scores: readonly ClassScore[]): Record<Metric, number | null> {
  const meanOf = (metric: Metric) => {
    const defined = scores.flatMap((one) => (one[metric] === null ? [] : [one[metric]]));
    return defined.length === 0
      ? null
      : defined.reduce((sum, value) => sum + value, 0) / defined.length;
  };
  return Object.fromEntries(metrics.map((metric) => [metric, meanOf(metric)])) as Record<
    Metric,
    number | null
  >;
}
