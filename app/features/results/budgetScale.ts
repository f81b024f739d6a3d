import type { CostModel } from "#core/analysis/cost.ts";
import { type BudgetUnit, type Pool, priceOf } from "#core/analysis/recommend.ts";

/** What a budget may be, in its unit. */
export interface BudgetScale {
  /** One slice of one volume. */
  readonly fewest: number;
  /** Every slice of the training pool. */
  readonly most: number;
}

/** Stops of the slider. */
export const SCALE_STEPS = 200;
/** Share of the whole pool that a budget begins with. */
const FIRST_SHARE = 0.1;

/** From the cheapest annotation to annotating everything; 0 to 0 where work costs nothing. */
export function budgetScale(pool: Pool, cost: CostModel, unit: BudgetUnit): BudgetScale {
  return {
    fewest: priceOf(pool, cost, 1, 1)[unit],
    most: roundedUp(priceOf(pool, cost, pool.volumes, pool.slices)[unit], unit),
  };
}

/** The budget that is shown before the user sets one. */
export function firstBudget({ fewest, most }: BudgetScale, unit: BudgetUnit): number {
  return roundedUp(Math.max(fewest, FIRST_SHARE * most), unit);
}

/** Stop of the slider that is next to an amount; even steps are even ratios. */
export function stopOf({ fewest, most }: BudgetScale, amount: number): number {
  if (!(fewest > 0 && most > fewest)) return 0;
  const share = Math.log(amount / fewest) / Math.log(most / fewest);
  return Math.round(SCALE_STEPS * Math.min(1, Math.max(0, share)));
}

/** The amount at a stop of the slider, to two digits; both ends are exact. */
export function amountAt({ fewest, most }: BudgetScale, stop: number, unit: BudgetUnit): number {
  if (!(fewest > 0 && most > fewest) || stop >= SCALE_STEPS) return most;
  const amount = fewest * (most / fewest) ** (stop / SCALE_STEPS);
  return Math.min(most, roundedUp(Number(amount.toPrecision(2)), unit));
}

/** Whole slices and money, tenths of hours: never less than the amount. */
export function roundedUp(amount: number, unit: BudgetUnit): number {
  const parts = unit === "hours" ? 10 : 1;
  // A hair of rounding must not cost a unit.
  return Math.max(0, Math.ceil(amount * parts - 1e-9) / parts);
}
