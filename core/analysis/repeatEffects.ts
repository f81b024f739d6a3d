import { mean, standardDeviation } from "../evaluation/statistics.ts";
import type { Random } from "../random.ts";

/** A score of a configuration in a repeat. */
export interface RepeatedScore {
  readonly configuration: string;
  readonly repeat: number;
  readonly iou: number;
}

/** Scores without what a whole repeat has in common, and how uncertain that leaves their level. */
export interface LevelledScores {
  /** In the order given: IoU less the effect of its repeat. */
  readonly iou: readonly number[];
  /** Repeats whose effects were taken off. */
  readonly repeats: number;
  /** Standard error of the level of all scores together; 0 for a single repeat. */
  readonly levelError: number;
}

/** Configurations that a repeat must share with the largest to be brought to its level. */
const FEWEST_SHARED = 2;
const ROUNDS = 50;

/**
 * Takes off what all trials of a repeat have in common: they share their seed, so they share
 * lucky or unlucky volumes and weights. Sizes are then compared within repeats, while the
 * level stays as uncertain as so few repeats leave it.
 *
 *     IoU[configuration, repeat] = a[configuration] + b[repeat],  sum of b = 0
 *
 * by alternating least squares. Repeats that share fewer than 2 configurations with the
 * largest repeat cannot be brought to its level; then nothing is taken off.
 */
export function withoutRepeatEffects(scores: readonly RepeatedScore[]): LevelledScores {
  const plain = { iou: scores.map(({ iou }) => iou), repeats: 1, levelError: 0 };
  const repeats = [...new Set(scores.map(({ repeat }) => repeat))];
  if (repeats.length < 2 || !areConnected(scores, repeats)) return plain;
  const repeatOf = scores.map(({ repeat }) => repeats.indexOf(repeat));
  const configurations = [...new Set(scores.map(({ configuration }) => configuration))];
  const configurationOf = scores.map((one) => configurations.indexOf(one.configuration));
  let effects = repeats.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const levels = meansBy(
      configurationOf,
      configurations.length,
      (k) => (scores[k] as RepeatedScore).iou - (effects[repeatOf[k] as number] as number),
    );
    const raw = meansBy(
      repeatOf,
      repeats.length,
      (k) => (scores[k] as RepeatedScore).iou - (levels[configurationOf[k] as number] as number),
    );
    const centre = mean(raw);
    effects = raw.map((effect) => effect - centre);
  }
  return {
    iou: scores.map(({ iou }, k) => iou - (effects[repeatOf[k] as number] as number)),
    repeats: repeats.length,
    levelError: (standardDeviation(effects) ?? 0) / Math.sqrt(repeats.length),
  };
}

/**
 * A draw of Student's t for the error of a level from a few repeats: with two repeats the
 * spread is hardly known, and the heaviest tails would say nothing, so 2 degrees are the least.
 */
export function levelDraw({ repeats, levelError }: LevelledScores, random: Random): number {
  if (levelError === 0) return 0;
  const degrees = Math.max(2, repeats - 1);
  let squares = 0;
  for (let k = 0; k < degrees; k++) squares += random.normal() ** 2;
  return (levelError * random.normal()) / Math.sqrt(squares / degrees);
}

function areConnected(scores: readonly RepeatedScore[], repeats: readonly number[]): boolean {
  const seen = repeats.map(
    (repeat) =>
      new Set(scores.filter((one) => one.repeat === repeat).map((one) => one.configuration)),
  );
  const largest = seen.reduce((best, one) => (one.size > best.size ? one : best));
  return seen.every((one) => [...one].filter((name) => largest.has(name)).length >= FEWEST_SHARED);
}

function meansBy(
  groups: readonly number[],
  count: number,
  valueAt: (index: number) => number,
): number[] {
  const sums = new Array<number>(count).fill(0);
  const sizes = new Array<number>(count).fill(0);
  groups.forEach((group, k) => {
    sums[group] = (sums[group] as number) + valueAt(k);
    sizes[group] = (sizes[group] as number) + 1;
  });
  return sums.map((sum, group) => sum / (sizes[group] as number));
}
