import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocateSlices } from "./allocateSlices.ts";

describe("allocateSlices", () => {
  it.each([
    [[10, 10, 10], 6, [2, 2, 2]],
    [[10, 20, 30], 6, [1, 2, 3]],
    [[100, 1], 50, [49, 1]],
    [[4, 4], 8, [4, 4]],
    [[30, 1, 1], 5, [3, 1, 1]],
  ])("divides among %j %d slices as %j", (depths, total, counts) => {
    expect(allocateSlices(depths, total)).toEqual(counts);
  });

  it("spends exactly what there is, at least one slice and at most all in each", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (depths, share) => {
          const all = depths.reduce((sum, depth) => sum + depth, 0);
          const total = Math.round(depths.length + share * (all - depths.length));
          const counts = allocateSlices(depths, total);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
          counts.forEach((count, k) => {
            expect(count).toBeGreaterThanOrEqual(1);
            expect(count).toBeLessThanOrEqual(depths[k] ?? 0);
          });
        },
      ),
    );
  });

  it.each([1, 61, 2.5])("refuses %d slices for volumes of 20, 20 and 20", (total) => {
    expect(() => allocateSlices([20, 20, 20], total)).toThrow(
      `slices must be from 3 (one per volume) to 60 (every one), got ${total}`,
    );
  });
});
