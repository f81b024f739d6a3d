import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCostModel } from "#core/analysis/cost.ts";
import { amountAt, budgetScale, firstBudget, SCALE_STEPS, stopOf } from "./budgetScale.ts";

const pool = { volumes: 80, slices: 40, spacingMm: 1 };
const cost = parseCostModel({ minutesPerSlice: 1, minutesPerVolume: 2, locateMinutes: 0 });
const units = ["slices", "hours", "money"] as const;

describe("the budget's scale", () => {
  it("goes from one slice to the whole pool in every unit", () => {
    expect(budgetScale(pool, cost, "slices")).toEqual({ fewest: 1, most: 3200 });
    // 3200 slices and 80 volumes of 2 minutes: 3360 minutes at 50 an hour
    expect(budgetScale(pool, cost, "hours")).toEqual({ fewest: 3 / 60, most: 56 });
    expect(budgetScale(pool, cost, "money")).toEqual({ fewest: 2.5, most: 2800 });
  });

  it("begins at a tenth of the pool, and with at least one slice", () => {
    expect(firstBudget(budgetScale(pool, cost, "slices"), "slices")).toBe(320);
    const tiny = { volumes: 1, slices: 3, spacingMm: 1 };
    expect(firstBudget(budgetScale(tiny, cost, "slices"), "slices")).toBe(1);
  });

  it("has a stop for every amount, near it, never out of range", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...units),
        fc.integer({ min: 0, max: SCALE_STEPS }),
        (unit, stop) => {
          const scale = budgetScale(pool, cost, unit);
          const amount = amountAt(scale, stop, unit);
          expect(amount).toBeGreaterThanOrEqual(scale.fewest);
          expect(amount).toBeLessThanOrEqual(scale.most);
          expect(amountAt(scale, stop + 1, unit)).toBeGreaterThanOrEqual(amount);
          const back = stopOf(scale, amount);
          expect(back).toBeGreaterThanOrEqual(0);
          expect(back).toBeLessThanOrEqual(SCALE_STEPS);
        },
      ),
    );
    const scale = budgetScale(pool, cost, "slices");
    expect([stopOf(scale, 1), stopOf(scale, 3200), stopOf(scale, 99_999)]).toEqual([0, 200, 200]);
  });

  it("stands still where work costs nothing", () => {
    const free = budgetScale(pool, parseCostModel({ hourlyRate: 0 }), "money");
    expect(free).toEqual({ fewest: 0, most: 0 });
    expect([stopOf(free, 5), amountAt(free, 100, "money")]).toEqual([0, 0]);
  });
});
