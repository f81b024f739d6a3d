import type { Random } from "../random.ts";
import type { Features } from "./features.ts";
import type { Quota } from "./quota.ts";

/**
 * Picks by place alone.
 *
 * @param depth - slices of the volume
 * @param count - slices to pick, 1..depth
 * @returns `count` different depth indices, ascending
 */
export type PlaceStrategy = (depth: number, count: number, random: Random) => number[];

/**
 * Picks by what slices look like. It sees images and never a mask: what it picks is what a
 * person would be asked to annotate.
 *
 * @param features - a row per slice, of one volume or of many
 * @param count - rows to pick, 1..rows
 * @param quota - how many rows of each volume; none within one volume
 * @returns `count` different rows, in any order
 */
export type ImageStrategy = (
  features: Features,
  count: number,
  random: Random,
  quota?: Quota,
) => readonly number[];

/**
 * Picks by where the target is, which nobody knows before annotating: a biased comparator.
 *
 * @param hasTarget - per slice, of one volume or of many
 * @returns as `ImageStrategy`
 */
export type TargetStrategy = (
  hasTarget: readonly boolean[],
  count: number,
  random: Random,
  quota?: Quota,
) => readonly number[];

/** How slices are picked, by what the strategy is allowed to see. */
export type Strategy =
  | { readonly sees: "place"; readonly pick: PlaceStrategy }
  | { readonly sees: "image"; readonly pick: ImageStrategy }
  | { readonly sees: "target"; readonly pick: TargetStrategy };
