import { messageOf, PlannerError } from "../errors.ts";
import { mean } from "../evaluation/statistics.ts";
import type { InterpolatorName, NetworkName } from "../experiment/methods.ts";
import type { Random } from "../random.ts";
import type { TrialResult } from "../results/result.ts";
import { bootstrapSurfaces, fitSurface, type SurfacePoint } from "./fitSurface.ts";
import { iouInterval, type LearningSurface, surfaceIou } from "./learningSurface.ts";
import { median } from "./pairedTests.ts";
import type { Pool } from "./recommend.ts";
import { levelDraw, withoutRepeatEffects } from "./repeatEffects.ts";

/** The learning surface of one network and interpolator, over all strategies. */
export interface SurfaceAnalysis {
  readonly network: NetworkName;
  readonly interpolator: InterpolatorName;
  /** null with too few sizes; `reason` says so. */
  readonly surface: LearningSurface | null;
  readonly reason: string | null;
  /** Bootstrap of the surface; empty without one. */
  readonly doubt: readonly LearningSurface[];
  /** What the surface expects at every size that was measured. */
  readonly sizes: readonly SurfaceSize[];
}

export interface SurfaceSize {
  readonly volumes: number;
  readonly slicesPerVolume: number;
  readonly measured: number;
  readonly trials: number;
  readonly expected: number;
  readonly interval: readonly [low: number, high: number];
}

/** Draws of the bootstrap. */
const DRAWS = 200;

/** Surfaces of every network and interpolator in the results, by name. */
export function surfacesOf(results: readonly TrialResult[], random: Random): SurfaceAnalysis[] {
  const series = new Map<string, TrialResult[]>();
  for (const result of results) {
    if (pointOf(result) === null) continue;
    const { network, interpolator } = result.configuration;
    const key = `${network} ${interpolator}`;
    series.set(key, [...(series.get(key) ?? []), result]);
  }
  return [...series]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, trials]) => surfaceOf(trials, random.fork(`surface ${key}`)));
}

function surfaceOf(trials: readonly TrialResult[], random: Random): SurfaceAnalysis {
  const { network, interpolator } = (trials[0] as TrialResult).configuration;
  const { points, levelled } = pointsOf(trials);
  try {
    const surface = fitSurface(points);
    const shifts = random.fork("levels");
    const doubt = bootstrapSurfaces(points, DRAWS, random, levelled.repeats - 1).map((one) => ({
      ...one,
      ceiling: one.ceiling + levelDraw(levelled, shifts),
    }));
    const sizes = sizesOf(points).map((group) => {
      const { volumes, slicesPerVolume } = group[0] as SurfacePoint;
      return {
        volumes,
        slicesPerVolume,
        measured: mean(group.map(({ iou }) => iou)),
        trials: group.length,
        expected: surfaceIou(surface, volumes, slicesPerVolume),
        interval: iouInterval(doubt, volumes, slicesPerVolume),
      };
    });
    return { network, interpolator, surface, reason: null, doubt, sizes };
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    const reason = messageOf(error);
    return { network, interpolator, surface: null, reason, doubt: [], sizes: [] };
  }
}

/**
 * Trials as points of a surface, without what the trials of a repeat have in common. Repeats
 * of one configuration draw volumes of other depths; they count as one size, the mean of
 * theirs, or every repeat would look like a new size.
 */
function pointsOf(trials: readonly TrialResult[]) {
  const found = trials.flatMap((trial) => {
    const point = pointOf(trial);
    const { volumeFraction, density } = trial.configuration;
    return point ? [{ point, repeat: trial.repeat, key: `${volumeFraction} ${density}` }] : [];
  });
  const levelled = withoutRepeatEffects(
    found.map(({ point, repeat, key }) => ({ configuration: key, repeat, iou: point.iou })),
  );
  const depths = new Map<string, number[]>();
  for (const { key, point } of found) {
    depths.set(key, [...(depths.get(key) ?? []), point.slicesPerVolume]);
  }
  const points = found.map(({ key, point }, at) => ({
    ...point,
    slicesPerVolume: mean(depths.get(key) ?? []),
    iou: levelled.iou[at] as number,
  }));
  return { points, levelled };
}

function pointOf({ status, iou, volumes, annotatedSlices }: TrialResult): SurfacePoint | null {
  if (status !== "done" || iou?.mean == null || !volumes || !annotatedSlices) return null;
  return { volumes, slicesPerVolume: annotatedSlices / volumes, iou: iou.mean };
}

function sizesOf(points: readonly SurfacePoint[]): SurfacePoint[][] {
  const groups = new Map<string, SurfacePoint[]>();
  for (const point of points) {
    const key = `${point.volumes} ${point.slicesPerVolume}`;
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()];
}

/**
 * The training pool that results were drawn from: volumes / volume fraction of the trials
 * with the largest fraction, and slices per volume / density of those with the largest
 * density (both were rounded least there), medians; null without a finished trial.
 *
 * @param spacingMm - distance between slices, which results do not tell
 */
export function poolOf(results: readonly TrialResult[], spacingMm = 1): Pool | null {
  const finished = results.filter((result) => pointOf(result) !== null);
  if (finished.length === 0) return null;
  const share = (by: "volumeFraction" | "density", of: (result: TrialResult) => number) => {
    const largest = Math.max(...finished.map(({ configuration }) => configuration[by]));
    return median(
      finished
        .filter(({ configuration }) => configuration[by] === largest)
        .map((result) => of(result) / largest),
    );
  };
  return {
    volumes: Math.round(share("volumeFraction", ({ volumes }) => volumes ?? 0)),
    slices: share(
      "density",
      ({ volumes, annotatedSlices }) => (annotatedSlices ?? 0) / (volumes ?? 1),
    ),
    spacingMm,
  };
}
