import type { BudgetUnit } from "#core/analysis/recommend.ts";
import { formatCount } from "../../ui/format.ts";

/** A unit as the page names it. */
export function unitName(unit: BudgetUnit): string {
  return { slices: "Slices", hours: "Hours", money: "Money" }[unit];
}

/** "400 slices", "12.5 hours", "620 EUR". */
export function budgetText(amount: number, unit: BudgetUnit, currency: string): string {
  if (unit === "hours") return `${formatTenths(amount)} hours`;
  return `${formatCount(amount)} ${unit === "money" ? currency : "slices"}`.trim();
}

/** Tenths up to a hundred. */
export function formatTenths(value: number): string {
  return value < 100 ? `${Math.round(value * 10) / 10}` : formatCount(value);
}
