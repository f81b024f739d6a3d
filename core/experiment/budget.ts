import { PlannerError } from "../errors.ts";
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
  /** Fewest and most annotated slices in one volume: volumes differ in depth. */
  readonly slicesPerVolume: readonly [fewest: number, most: number];
  /** B, annotated slices in all; the exact sum over the volumes used. */
  readonly slices: number;
}

/**
 * The budget of a configuration over the volumes it uses.
 *
 * @param depths - Z of each volume used, in the order `chooseVolumes` gives them
 * @throws PlannerError "experiment" as `slicesPerVolume`
 */
export function budgetOf(
  { density }: Pick<Configuration, "density">,
  depths: readonly number[],
): Budget {
  const counts = depths.map((depth) => slicesPerVolume(density, depth));
  return {
    volumes: depths.length,
    slicesPerVolume: [Math.min(...counts), Math.max(...counts)],
    slices: counts.reduce((sum, count) => sum + count, 0),
  };
}
