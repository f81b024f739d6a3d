import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linearTicks, logAxis, roomyTicks } from "./ticks.ts";

describe("linearTicks", () => {
  it.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 0.93, 4, [0, 0.5, 1]],
    [0.42, 0.66, 4, [0.4, 0.5, 0.6, 0.7]],
    [0, 400, 4, [0, 100, 200, 300, 400]],
  ] as const)("from %d to %d in about %d steps", (low, high, count, expected) => {
    expect(linearTicks(low, high, count)).toEqual(expected);
  });
});

describe("logAxis", () => {
  it.each([
    [
      [18, 90, 750],
      [20, 50, 100, 200, 500],
    ],
    [
      [100, 140],
      [80, 100, 150],
    ],
    [
      [5, 90_000],
      [10, 100, 1000, 10_000, 100_000],
    ],
  ])("of %j has ticks %j", (values, expected) => {
    expect(logAxis(values).ticks).toEqual(expected);
  });

  it("encloses every value, with ticks inside", () => {
    const budgets = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1 });
    fc.assert(
      fc.property(budgets, (values) => {
        const { domain, ticks } = logAxis(values);
        expect(domain[0]).toBeLessThan(Math.min(...values));
        expect(domain[1]).toBeGreaterThan(Math.max(...values));
        expect(ticks.length).toBeGreaterThan(0);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(domain[0]);
          expect(tick).toBeLessThanOrEqual(domain[1]);
        }
      }),
    );
  });
});

describe("roomyTicks", () => {
  const ticks = [20, 50, 100, 200, 500, 1000].map((value, k) => ({ value, at: 30 * k }));
  const label = ({ value }: { value: number }) => value.toLocaleString("en");

  it("keeps every tick that has room", () => {
    expect(
      roomyTicks(
        ticks.map((tick) => ({ ...tick, at: 3 * tick.at })),
        label,
      ),
    ).toHaveLength(6);
  });

  it("leaves out those whose labels would touch", () => {
    expect(roomyTicks(ticks, label).map(({ value }) => value)).toEqual([20, 50, 100, 500]);
  });
});
