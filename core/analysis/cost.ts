import * as v from "valibot";
import { parseAs, rules } from "../schema.ts";

const minutes = (rule = "minutes from 0 to 600") =>
  v.pipe(
    v.number(rule),
    v.check((n) => n >= 0 && n <= 600, rule),
  );

/** A cost model as files and storage hold it. */
export const costModelSchema = v.object({
  /** Drawing the target on one slice. */
  minutesPerSlice: v.optional(minutes(), 1.5),
  /** Opening a volume and finding one's way in it. */
  minutesPerVolume: v.optional(minutes(), 2),
  /**
   * Finding the target again on a slice far from the last one; falls to nothing as
   * annotated slices come closer than the target is long.
   */
  locateMinutes: v.optional(minutes(), 0.5),
  /** Length of the target along the slice axis, mm. */
  targetLengthMm: v.optional(rules.positive(2000, "a length above 0 and at most 2000 mm"), 40),
  /** Minutes per interpolated slice that a person checks and corrects; 0: none is. */
  correctionMinutes: v.optional(minutes(), 0),
  /** Further people who review each slice, as a share of drawing it. */
  reviewShare: v.optional(
    v.pipe(
      v.number("a share from 0 to 10"),
      v.check((n) => n >= 0 && n <= 10, "a share from 0 to 10"),
    ),
    0,
  ),
  /** People who each annotate every slice. */
  annotators: v.optional(rules.integer(1, 20), 1),
  hourlyRate: v.optional(
    v.pipe(
      v.number("a rate from 0 to 10000 per hour"),
      v.check((n) => n >= 0 && n <= 10_000, "a rate from 0 to 10000 per hour"),
    ),
    50,
  ),
  currency: v.optional(rules.text(8), "EUR"),
});

/** What annotation costs. Changing it moves the budget axis and no score. */
export type CostModel = v.InferOutput<typeof costModelSchema>;

/** @throws PlannerError "argument" naming the field, its rule and the value */
export function parseCostModel(value: unknown): CostModel {
  return parseAs(costModelSchema, value, "cost model", "argument");
}

/** What is annotated. */
export interface Work {
  readonly volumes: number;
  /** Annotated slices in all. */
  readonly slices: number;
  /** Slices filled by interpolation in all. */
  readonly interpolatedSlices: number;
  /** Distance between neighbouring annotated slices, mm. */
  readonly gapMm: number;
}

/**
 * Hours of people for a piece of work.
 *
 *     per slice  = (draw (1 + review) + locate (1 - exp(-gap / length)))
 *     total      = annotators (V open + B per slice) + interpolated correction
 *
 * Source: the shape of the model is ours (methods 6.5); Zhang et al. 2025 assume equal cost
 * per slice, which is `minutesPerVolume` 0 and `locateMinutes` 0.
 */
export function hoursOf(work: Work, cost: CostModel): number {
  const locate = cost.locateMinutes * (1 - Math.exp(-work.gapMm / cost.targetLengthMm));
  const perSlice = cost.minutesPerSlice * (1 + cost.reviewShare) + locate;
  const drawing = work.volumes * cost.minutesPerVolume + work.slices * perSlice;
  return (cost.annotators * drawing + work.interpolatedSlices * cost.correctionMinutes) / 60;
}

/** Money for a piece of work, in the model's currency. */
export function moneyOf(work: Work, cost: CostModel): number {
  return hoursOf(work, cost) * cost.hourlyRate;
}
