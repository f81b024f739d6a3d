import { isWithinReach, type LearningSurface, slicesFor } from "./learningSurface.ts";
import type { Pool } from "./recommend.ts";

/** Annotation that reaches an IoU. */
export interface SlicesNeeded {
  /** The IoU to reach. */
  readonly iou: number;
  /** Slices in all; null when it cannot be said, see `reason`. */
  readonly slices: number | null;
  /**
   * 95 % interval from the bootstrap; an end is null where more than the whole pool, or more
   * than can be predicted honestly, would be needed.
   */
  readonly interval: readonly [low: number | null, high: number | null];
  /** Why there is no number, in words. */
  readonly reason: string | null;
}

/**
 * The fewest annotated slices for which the surface expects an IoU, at equal cost per slice,
 * over every number of volumes:
 *
 *     n = (gap / (ceiling - IoU))^(1 / rate),   slices = min over V of V m(V, n)
 *
 * @param doubt - bootstrap surfaces
 */
export function slicesNeeded(
  surface: LearningSurface,
  doubt: readonly LearningSurface[],
  pool: Pool,
  iou: number,
): SlicesNeeded {
  const found = needOf(surface, pool, iou);
  const ends = doubt.map((one) => {
    // Doubt about the parameters does not widen what was measured.
    const need = needOf({ ...one, largest: Number.POSITIVE_INFINITY }, pool, iou);
    return typeof need === "number" ? need : Number.POSITIVE_INFINITY;
  });
  ends.sort((a, b) => a - b);
  const end = (share: number) => {
    // The nearest rank: nothing lies between a number and infinity.
    const value = ends[Math.round(share * (ends.length - 1))] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(value) ? value : null;
  };
  return {
    iou,
    slices: typeof found === "number" ? found : null,
    interval: [end(0.025), end(0.975)],
    reason: typeof found === "number" ? null : found,
  };
}

/** Slices, or why there is no number. */
function needOf(surface: LearningSurface, pool: Pool, iou: number): number | string {
  const { ceiling, gap, rate } = surface;
  if (iou >= ceiling) {
    return `the curve levels off at ${ceiling.toFixed(3)}: no amount of such annotation is expected to reach ${iou}`;
  }
  const size = gap > 0 ? Math.max(1, (gap / (ceiling - iou)) ** (1 / rate)) : 1;
  let fewest = Number.POSITIVE_INFINITY;
  let isReached = false;
  for (let volumes = 1; volumes <= Math.min(pool.volumes, Math.ceil(size)); volumes++) {
    const perVolume = slicesFor(surface, volumes, size);
    if (perVolume > pool.slices) continue;
    isReached = true;
    // A hair of rounding must not cost a slice.
    const slices = Math.ceil(volumes * perVolume - 1e-9);
    if (isWithinReach(surface, volumes, perVolume)) fewest = Math.min(fewest, slices);
  }
  if (!isReached) {
    return `all ${pool.volumes} volumes, annotated in full, are not expected to reach ${iou}`;
  }
  return Number.isFinite(fewest)
    ? fewest
    : `${iou} lies more than 4 times beyond the largest annotation measured; run larger trials first`;
}
