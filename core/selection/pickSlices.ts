import { PlannerError } from "../errors.ts";
import { slicesPerVolume } from "../experiment/budget.ts";
import { isJoint, type StrategyName, strategySight } from "../experiment/methods.ts";
import { pickRange, type SelectionSettings } from "../experiment/selection.ts";
import type { Random } from "../random.ts";
import { type Features, isUniform, joinedFeatures } from "./features.ts";
import { fixedInterval } from "./fixedInterval.ts";
import { Quota } from "./quota.ts";
import { strategies } from "./strategies.ts";
import type { Strategy } from "./strategy.ts";

/** What is known of the slices of one chosen volume. */
export interface VolumeSlices {
  readonly id: string;
  readonly depth: number;
  /** A row per slice; null where the strategy sees no images. */
  readonly features: Features | null;
  /** Per slice; null where the strategy sees no target. */
  readonly hasTarget: readonly boolean[] | null;
}

/** How slices of the chosen volumes are picked. */
export interface PickRule extends Pick<SelectionSettings, "scope" | "quota"> {
  readonly strategy: StrategyName;
  readonly density: number;
}

/**
 * The slices of every chosen volume to annotate. In each volume alone a density gives every
 * volume its own number; over all volumes together there are as many in all, and a volume
 * gets between the fewest and the most its quota allows, none where nothing of it is needed.
 *
 * @param random - of the trial; picks draw from forks named after volumes, or the cohort
 * @returns depth indices per volume, ascending
 * @throws PlannerError "experiment" as `slicesPerVolume`
 * @throws PlannerError "argument" when what the strategy sees is missing
 */
export function pickSlices(
  volumes: readonly VolumeSlices[],
  rule: PickRule,
  random: Random,
): number[][] {
  const counts = volumes.map(({ depth }) => slicesPerVolume(rule.density, depth));
  if (!isJoint(rule.strategy, rule.scope)) {
    return volumes.map((volume, at) =>
      pickInVolume(volume, rule.strategy, counts[at] as number, random),
    );
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const owners = ownersOf(volumes);
  const ranges = volumes.map(({ depth }, at) => pickRange(counts[at] as number, depth, rule.quota));
  const quota = new Quota(owners, ranges, total);
  const rows = picked(volumes, rule.strategy, total, random.fork("slices of all"), quota);
  return byVolume(volumes, owners, rows);
}

/**
 * `count` slices of one volume.
 *
 * @param random - of the trial; picks draw from its fork named after the volume
 * @returns depth indices, ascending
 * @throws PlannerError "argument" when what the strategy sees is missing
 */
export function pickInVolume(
  volume: VolumeSlices,
  strategy: StrategyName,
  count: number,
  random: Random,
): number[] {
  return picked([volume], strategy, count, random.fork(`slices ${volume.id}`));
}

/** Ascending rows over the volumes one after the other. */
function picked(
  volumes: readonly VolumeSlices[],
  name: StrategyName,
  count: number,
  random: Random,
  quota?: Quota,
): number[] {
  const depth = volumes.reduce((sum, one) => sum + one.depth, 0);
  const strategy: Strategy = strategies[name];
  const rows = (): readonly number[] => {
    switch (strategy.sees) {
      case "place":
        return quota
          ? drawn(random.permutation(depth), count, quota)
          : strategy.pick(depth, count, random);
      case "image": {
        const features = joinedFeatures(volumes.map((one) => seen(one, "features", name)));
        // Nothing tells slices apart: even places are the honest answer, not the first ones.
        if (isUniform(features)) {
          return quota
            ? drawn(random.permutation(depth), count, quota)
            : fixedInterval(depth, count, random);
        }
        return strategy.pick(features, count, random, quota);
      }
      case "target":
        return strategy.pick(
          volumes.flatMap((one) => seen(one, "hasTarget", name)),
          count,
          random,
          quota,
        );
    }
  };
  return [...rows()].sort((a, b) => a - b);
}

function seen<K extends "features" | "hasTarget">(
  volume: VolumeSlices,
  what: K,
  strategy: StrategyName,
): NonNullable<VolumeSlices[K]> {
  const value = volume[what];
  if (value) return value as NonNullable<VolumeSlices[K]>;
  throw new PlannerError(
    "argument",
    `${strategy} must be given the ${strategySight[strategy]} of every slice, ${volume.id} has none`,
  );
}

/** The first `count` rows of an order that the quota allows. */
function drawn(order: readonly number[], count: number, quota: Quota): number[] {
  const rows: number[] = [];
  for (const row of order) {
    if (rows.length === count) break;
    if (!quota.allows(row)) continue;
    quota.take(row);
    rows.push(row);
  }
  return rows;
}

/** Index of the volume each row belongs to. */
function ownersOf(volumes: readonly VolumeSlices[]): Int32Array {
  const owners = new Int32Array(volumes.reduce((sum, { depth }) => sum + depth, 0));
  let at = 0;
  for (const [index, { depth }] of volumes.entries()) {
    owners.fill(index, at, at + depth);
    at += depth;
  }
  return owners;
}

function byVolume(
  volumes: readonly VolumeSlices[],
  owners: Int32Array,
  rows: readonly number[],
): number[][] {
  const starts: number[] = [];
  let start = 0;
  for (const { depth } of volumes) {
    starts.push(start);
    start += depth;
  }
  const lists: number[][] = volumes.map(() => []);
  for (const row of rows) {
    const owner = owners[row] as number;
    lists[owner]?.push(row - (starts[owner] as number));
  }
  return lists;
}
