import { PlannerError } from "../errors.ts";
import { isJoint } from "./methods.ts";
import { defaultSelection, pickRange, type SelectionSettings } from "./selection.ts";
import type { Configuration } from "./trial.ts";

/**
 * Slices annotated in one volume.
 *
 *     m = round(density * Z), halves up
 *
 * @param density - annotated share of the volume's slices, (0, 1]
 * @param sliceCount - Z, slices of the volume
 * @returns m, 1..Z
 * @throws PlannerError "experiment" when the density gives less than half a slice
 */
export function slicesPerVolume(density: number, sliceCount: number): number {
  const count = Math.round(density * sliceCount);
  if (count >= 1) return count;
  throw new PlannerError(
    "experiment",
    `density must give at least one slice, got ${density} of ${sliceCount} slices ` +
      `(the smallest that does is ${smallest(sliceCount)})`,
  );
}

/**
 * Volumes annotated out of the training pool.
 *
 *     V = round(volumeFraction * N), halves up
 *
 * @throws PlannerError "experiment" when that is no volume at all
 */
export function volumesOf(volumeFraction: number, poolSize: number): number {
  const count = Math.round(volumeFraction * poolSize);
  if (count >= 1) return count;
  throw new PlannerError(
    "experiment",
    `volume fraction must give at least one volume, got ${volumeFraction} of ${poolSize} ` +
      `volumes in the training pool (the smallest that does is ${smallest(poolSize)})`,
  );
}

/** Smallest share of `count` that rounds to one, three decimals, rounded up. */
function smallest(count: number): number {
  return Math.ceil((0.5 / Math.max(1, count)) * 1000) / 1000;
}

/** What a configuration asks people to annotate. */
export interface Budget {
  /** V */
  readonly volumes: number;
  /** Of them those that get a slice at the least: all, unless slices are picked over all. */
  readonly fewestVolumes: number;
  /** Fewest and most annotated slices in one volume: volumes differ in depth. */
  readonly slicesPerVolume: readonly [fewest: number, most: number];
  /** B, annotated slices in all; the exact sum over the volumes used. */
  readonly slices: number;
}

/**
 * The budget of a configuration over the volumes it uses.
 *
 * Slices that are picked over all volumes together are as many in all; how many a volume gets
 * is known once they are picked, so the budget says between which numbers that lies.
 *
 * @param depths - Z of each volume used, in the order `chooseVolumes` gives them
 * @throws PlannerError "experiment" as `slicesPerVolume`
 */
export function budgetOf(
  { density, strategy }: Pick<Configuration, "density" | "strategy">,
  depths: readonly number[],
  { scope, quota }: SelectionSettings = defaultSelection,
): Budget {
  const counts = depths.map((depth) => slicesPerVolume(density, depth));
  const slices = counts.reduce((sum, count) => sum + count, 0);
  const joint = isJoint(strategy, scope);
  const ranges = counts.map((count, at) =>
    joint ? pickRange(count, depths[at] as number, quota) : ([count, count] as const),
  );
  return {
    volumes: depths.length,
    fewestVolumes: fewestHolding(slices, ranges),
    slicesPerVolume: [
      Math.min(...ranges.map(([fewest]) => fewest)),
      Math.max(...ranges.map(([, most]) => most)),
    ],
    slices,
  };
}

/** The fewest volumes that get a slice when slices gather in as few as their ranges allow. */
function fewestHolding(
  slices: number,
  ranges: readonly (readonly [fewest: number, most: number])[],
): number {
  const needed = ranges.filter(([fewest]) => fewest > 0);
  let left = slices - needed.reduce((sum, [, most]) => sum + most, 0);
  let volumes = needed.length;
  const others = ranges.filter(([fewest]) => fewest === 0).map(([, most]) => most);
  for (const most of others.sort((a, b) => b - a)) {
    if (left <= 0) break;
    left -= most;
    volumes++;
  }
  return volumes;
}
