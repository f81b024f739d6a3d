import type { Configuration } from "../experiment/trial.ts";
import type { TrialResult } from "../results/result.ts";
import { mean, standardDeviation } from "./statistics.ts";

/** One configuration on the IoU-vs-budget chart. */
export interface CurvePoint {
  readonly configuration: Configuration;
  /** Annotated slices, mean over repeats (volumes differ in depth). */
  readonly budget: number;
  readonly volumes: number;
  /** Mean test IoU over repeats. */
  readonly iou: number;
  /** Sample standard deviation over repeats; null for one repeat. */
  readonly spread: number | null;
  readonly repeats: number;
  /** Repeats whose network found nothing; they are not in the mean. */
  readonly collapsed: number;
}

/** A line of the chart: everything but density is fixed. */
export interface CurveLine {
  readonly key: string;
  readonly configuration: Omit<Configuration, "density">;
  /** Ascending budget. */
  readonly points: readonly CurvePoint[];
}

/**
 * Finished trials as lines of mean IoU over budget, one per network, strategy,
 * interpolator and volume fraction, in that order; fractions from small to large.
 * Failed trials and trials without a defined IoU are left out. Trials that collapsed are in no
 * mean; a point tells how many did, and one of collapsed trials alone has an IoU of 0.
 */
export function curveOf(results: readonly TrialResult[]): CurveLine[] {
  const lines = new Map<string, Map<number, TrialResult[]>>();
  for (const result of results) {
    if (result.status !== "done" || result.iou === null || result.iou.mean === null) continue;
    const key = lineKey(result.configuration);
    const line = lines.get(key) ?? new Map<number, TrialResult[]>();
    const { density } = result.configuration;
    line.set(density, [...(line.get(density) ?? []), result]);
    lines.set(key, line);
  }
  return [...lines.entries()]
    .map(([key, byDensity]) => {
      const points = [...byDensity.values()].map(pointOf).sort((a, b) => a.budget - b.budget);
      const { density: _, ...configuration } = (points[0] as CurvePoint).configuration;
      return { key, configuration, points };
    })
    .sort(
      (a, b) =>
        compareText(lineName(a.configuration), lineName(b.configuration)) ||
        a.configuration.volumeFraction - b.configuration.volumeFraction,
    );
}

function pointOf(results: readonly TrialResult[]): CurvePoint {
  const [first] = results as [TrialResult];
  const sound = results.filter((one) => !one.collapsed);
  const scores = (sound.length > 0 ? sound : results).map(({ iou }) => iou?.mean as number);
  return {
    configuration: first.configuration,
    budget: mean(results.map(({ annotatedSlices }) => annotatedSlices ?? 0)),
    volumes: first.volumes ?? 0,
    iou: mean(scores),
    spread: sound.length > 0 ? standardDeviation(scores) : null,
    repeats: sound.length,
    collapsed: results.length - sound.length,
  };
}

function lineName({ network, strategy, interpolator }: Omit<Configuration, "density">): string {
  return `${network} ${strategy} ${interpolator}`;
}

function lineKey(configuration: Configuration): string {
  return `${lineName(configuration)} ${configuration.volumeFraction}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
