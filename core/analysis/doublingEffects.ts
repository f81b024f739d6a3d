import { quantile } from "../evaluation/statistics.ts";
import type { InterpolatorName, NetworkName } from "../experiment/methods.ts";
import type { Random } from "../random.ts";
import type { TrialResult } from "../results/result.ts";

/** A number with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
}

/** What a doubling gains in IoU, for one network and interpolator over all its trials. */
export interface DoublingEffects {
  readonly network: NetworkName;
  readonly interpolator: InterpolatorName;
  /** Twice the volumes at the same density. */
  readonly volumes: Estimate;
  /** Twice the density in the same volumes. */
  readonly density: Estimate;
  /** Volumes less density: the gain from spreading the same budget over twice the volumes. */
  readonly difference: Estimate;
  readonly cases: number;
  readonly repeats: number;
}

/** Draws of the bootstrap. */
const DRAWS = 4000;

/**
 * Effects per doubling by least squares on the scores of test cases:
 *
 *     IoU[case, strategy, repeat, s, rho] = level[case, strategy, repeat] + a log2 s + b log2 rho
 *
 * Every test case, strategy and repeat has a level of its own, so hard cases and lucky seeds
 * cancel. Intervals by a bootstrap that draws test cases and repeats independently of each
 * other: both are samples, and all cases of a repeat share its volumes and weights.
 *
 * @returns one per network and interpolator whose trials vary both; [] when none does
 *
 * Source: methods 6.2; Owen 2007, doi:10.1214/07-AOAS122 (bootstrap of crossed factors).
 */
export function doublingEffects(
  results: readonly TrialResult[],
  random: Random,
): DoublingEffects[] {
  const series = new Map<string, TrialResult[]>();
  for (const result of results) {
    if (result.status !== "done" || !result.iou) continue;
    const { network, interpolator } = result.configuration;
    const key = `${network} ${interpolator}`;
    series.set(key, [...(series.get(key) ?? []), result]);
  }
  return [...series].flatMap(([key, trials]) => {
    const found = effectsOf(trials, random.fork(`doubling ${key}`));
    const { network, interpolator } = (trials[0] as TrialResult).configuration;
    return found ? [{ network, interpolator, ...found }] : [];
  });
}

/** Sums of squares and products about the level: xx, xz, zz, xy, zy. */
type Sums = readonly [xx: number, xz: number, zz: number, xy: number, zy: number];

function effectsOf(trials: readonly TrialResult[], random: Random) {
  const cells = cellsOf(trials);
  const caseCount = cells.length;
  const repeatCount = cells[0]?.length ?? 0;
  const weight = (count: number) => new Array<number>(count).fill(1);
  const fitted = slopes(cells, weight(caseCount), weight(repeatCount));
  if (!fitted) return null;
  const draws = Array.from({ length: DRAWS }, () =>
    slopes(cells, drawn(caseCount, random), drawn(repeatCount, random)),
  ).filter((draw) => draw !== null);
  const estimate = (of: (slopes: Slopes) => number): Estimate => {
    const values = draws.map(of).sort((a, b) => a - b);
    return { value: of(fitted), interval: [quantile(values, 0.025), quantile(values, 0.975)] };
  };
  return {
    volumes: estimate(({ volumes }) => volumes),
    density: estimate(({ density }) => density),
    difference: estimate(({ volumes, density }) => volumes - density),
    cases: caseCount,
    repeats: repeatCount,
  };
}

/** How often each of `count` things is drawn in `count` draws. */
function drawn(count: number, random: Random): number[] {
  const times = new Array<number>(count).fill(0);
  for (let draw = 0; draw < count; draw++) {
    const index = random.integer(count);
    times[index] = (times[index] as number) + 1;
  }
  return times;
}

interface Observation {
  readonly x: number;
  readonly z: number;
  readonly y: number;
}

/** [case][repeat]: sums over strategies, each about its own level. */
function cellsOf(trials: readonly TrialResult[]): Sums[][] {
  const repeats = [...new Set(trials.map(({ repeat }) => repeat))].sort((a, b) => a - b);
  const byCase = new Map<string, Map<string, Observation[]>[]>();
  for (const { configuration, repeat, iou } of trials) {
    const { volumeFraction, density, strategy } = configuration;
    for (const score of iou?.perCase ?? []) {
      if (score.iou === null) continue;
      const row = byCase.get(score.case) ?? repeats.map(() => new Map<string, Observation[]>());
      byCase.set(score.case, row);
      const levels = row[repeats.indexOf(repeat)] as Map<string, Observation[]>;
      const level = levels.get(strategy) ?? [];
      level.push({ x: Math.log2(volumeFraction), z: Math.log2(density), y: score.iou });
      levels.set(strategy, level);
    }
  }
  return [...byCase.values()].map((row) =>
    row.map((levels) =>
      [...levels.values()].map(sumsOf).reduce((a, b) => added(a, b, 1), [0, 0, 0, 0, 0]),
    ),
  );
}

function sumsOf(level: readonly Observation[]): Sums {
  const centre = (of: (one: Observation) => number) =>
    level.reduce((sum, one) => sum + of(one), 0) / level.length;
  const x = centre((one) => one.x);
  const z = centre((one) => one.z);
  const y = centre((one) => one.y);
  const sum = (of: (one: Observation) => number) => level.reduce((all, one) => all + of(one), 0);
  return [
    sum((one) => (one.x - x) ** 2),
    sum((one) => (one.x - x) * (one.z - z)),
    sum((one) => (one.z - z) ** 2),
    sum((one) => (one.x - x) * (one.y - y)),
    sum((one) => (one.z - z) * (one.y - y)),
  ];
}

function added(a: Sums, b: Sums, weight: number): Sums {
  return a.map((value, k) => value + weight * (b[k] as number)) as unknown as Sums;
}

interface Slopes {
  readonly volumes: number;
  readonly density: number;
}

/** Solves the two normal equations; null when volumes and density did not both vary freely. */
function slopes(
  cells: readonly (readonly Sums[])[],
  caseWeights: readonly number[],
  repeatWeights: readonly number[],
): Slopes | null {
  let xx = 0;
  let xz = 0;
  let zz = 0;
  let xy = 0;
  let zy = 0;
  cells.forEach((row, k) => {
    const ofCase = caseWeights[k] as number;
    if (ofCase === 0) return;
    row.forEach((sums, repeat) => {
      const weight = ofCase * (repeatWeights[repeat] as number);
      xx += weight * sums[0];
      xz += weight * sums[1];
      zz += weight * sums[2];
      xy += weight * sums[3];
      zy += weight * sums[4];
    });
  });
  const determinant = xx * zz - xz * xz;
  if (!(determinant > 1e-9 * xx * zz)) return null;
  return {
    volumes: (zz * xy - xz * zy) / determinant,
    density: (xx * zy - xz * xy) / determinant,
  };
}
