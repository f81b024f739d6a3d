import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hoursOf, moneyOf, parseCostModel } from "./cost.ts";

const equalCost = parseCostModel({ minutesPerSlice: 3, minutesPerVolume: 0, locateMinutes: 0 });
const work = { volumes: 10, slices: 200, interpolatedSlices: 0, gapMm: 20 };

describe("hoursOf", () => {
  it("is slices times minutes under the paper's assumption of equal cost", () => {
    expect(hoursOf(work, equalCost)).toBeCloseTo(10, 12);
  });

  it.each([
    [{ minutesPerVolume: 6 }, 11],
    [{ reviewShare: 0.5 }, 15],
    [{ annotators: 2 }, 20],
    [{ locateMinutes: 1, targetLengthMm: 20 }, 10 + (200 * (1 - Math.exp(-1))) / 60],
  ])("with %j is %d hours", (change, hours) => {
    expect(hoursOf(work, { ...equalCost, ...change })).toBeCloseTo(hours, 10);
  });

  it("counts the correction of interpolated slices", () => {
    const corrected = { ...equalCost, correctionMinutes: 0.6 };
    expect(hoursOf({ ...work, interpolatedSlices: 1000 }, corrected)).toBeCloseTo(20, 12);
  });

  it("makes a slice cheaper to find the closer its neighbour", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        (a, b) => {
          const cost = parseCostModel({});
          const hours = (gapMm: number) => hoursOf({ ...work, gapMm }, cost);
          expect(hours(Math.min(a, b))).toBeLessThanOrEqual(hours(Math.max(a, b)));
        },
      ),
    );
  });
});

describe("moneyOf", () => {
  it("is hours times the rate", () => {
    expect(moneyOf(work, { ...equalCost, hourlyRate: 80 })).toBeCloseTo(800, 9);
  });
});

describe("parseCostModel", () => {
  it.each([
    [{ minutesPerSlice: -1 }, "cost model: minutesPerSlice must be minutes from 0 to 600, got -1"],
    [{ annotators: 0 }, "cost model: annotators must be an integer from 1 to 20, got 0"],
    [{ targetLengthMm: 0 }, "targetLengthMm must be a length above 0 and at most 2000 mm, got 0"],
  ])("refuses %j", (change, message) => {
    expect(() => parseCostModel(change)).toThrow(message);
  });
});
