import * as v from "valibot";
import { namesOf, rules } from "../schema.ts";
import { featureLabels, scopeLabels } from "./methods.ts";

const fewestRule = "a number from 0 to 1";
const mostRule = "a number from 1 to 1000, or null for no limit";

const quotaSchema = v.object({
  /** At least this share of the slices a volume would get alone. */
  fewest: v.optional(
    v.pipe(
      v.number(fewestRule),
      v.check((n) => n >= 0 && n <= 1, fewestRule),
    ),
    0,
  ),
  /** At most this many times the slices a volume would get alone. */
  most: v.optional(
    v.nullable(
      v.pipe(
        v.number(mostRule),
        v.check((n) => n >= 1 && n <= 1000, mostRule),
      ),
    ),
    null,
  ),
});

/** How slices are picked, whatever the strategy; part of an experiment. */
export const selectionSchema = v.object({
  scope: v.optional(rules.name(namesOf(scopeLabels)), "volume"),
  /** Of volumes, where slices are picked over all of them together. */
  quota: v.optional(quotaSchema, { fewest: 0, most: null }),
  /** What strategies that see images compare slices by. */
  features: v.optional(rules.name(namesOf(featureLabels)), "descriptor"),
});

export type SelectionSettings = v.InferOutput<typeof selectionSchema>;
export type PickBounds = SelectionSettings["quota"];

export const defaultSelection: SelectionSettings = {
  scope: "volume",
  quota: { fewest: 0, most: null },
  features: "descriptor",
};

/** What of a selection decides the numbers of a trial; nothing where it is the ordinary one. */
export function selectionKey({ scope, quota, features }: SelectionSettings): object {
  return {
    ...(features === defaultSelection.features ? {} : { features }),
    ...(scope === "cohort" ? { scope, quota: [quota.fewest, quota.most] } : {}),
  };
}

/**
 * Fewest and most slices of a volume when slices are picked over all volumes together.
 *
 *     fewest = ceil(fewest share * m),  most = min(Z, floor(most factor * m))
 *
 * Every volume's own number m lies in its range, so the ranges can always give the sum of
 * them: the budget is that of picking in each volume alone.
 *
 * @param count - m, slices the volume would get alone
 * @param depth - Z
 */
export function pickRange(
  count: number,
  depth: number,
  { fewest, most }: PickBounds,
): readonly [fewest: number, most: number] {
  const limit = most === null ? depth : Math.min(depth, Math.floor(most * count));
  return [Math.ceil(fewest * count), Math.max(count, limit)];
}
