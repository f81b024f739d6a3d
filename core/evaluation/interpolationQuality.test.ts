import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNANNOTATED } from "../volume/volume.ts";
import { interpolationQuality, meanIou, pooledQuality } from "./interpolationQuality.ts";

/** Slices of one row. */
const maskOf = (...rows: (readonly number[])[]) => ({
  shape: [rows.length, 1, rows[0]?.length ?? 0] as const,
  classes: Uint8Array.from(rows.flat()),
});

describe("interpolationQuality", () => {
  it("tells annotated from filled slices, by distance", () => {
    const truth = maskOf([1, 1], [1, 1], [1, 0], [0, 0]);
    const filled = maskOf([1, 1], [1, 0], [1, 1], [0, 0]);
    const quality = interpolationQuality(filled, truth, [0, 3]);
    expect(quality.whole).toEqual([{ tp: 4, fp: 1, fn: 1 }]);
    expect(quality.interpolatedOnly).toEqual([{ tp: 2, fp: 1, fn: 1 }]);
    expect(quality.byDistance).toEqual([
      { distance: 1, slices: 2, overlaps: [{ tp: 2, fp: 1, fn: 1 }] },
    ]);
    expect(meanIou(quality.whole)).toBeCloseTo(4 / 6, 12);
    expect(meanIou(quality.interpolatedOnly)).toBe(0.5);
  });

  it("counts what stayed unannotated, and nothing else of it", () => {
    const truth = maskOf([1, 0], [1, 1]);
    const quality = interpolationQuality(maskOf([1, 0], [1, UNANNOTATED]), truth, [0]);
    expect(quality.interpolatedOnly).toEqual([{ tp: 1, fp: 0, fn: 0 }]);
    expect([quality.pixels, quality.left]).toEqual([2, 1]);
  });

  it("has no score of filled slices where there is none", () => {
    const truth = maskOf([1, 0]);
    const quality = interpolationQuality(truth, truth, [0]);
    expect(meanIou(quality.interpolatedOnly)).toBeNull();
    expect(meanIou(quality.whole)).toBe(1);
  });

  it("averages over the classes that occur", () => {
    const truth = maskOf([1, 2, 2, 0]);
    const quality = interpolationQuality(maskOf([1, 2, 1, 0]), truth, [], 3);
    expect(meanIou(quality.whole)).toBeCloseTo(0.5, 12);
  });

  it("pools volumes as if they were one", () => {
    const rows = fc.array(
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
      {
        minLength: 2,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const depth = Math.min(a.length, b.length);
        const [filled, truth] = [a.slice(0, depth), b.slice(0, depth)];
        const one = interpolationQuality(maskOf(...filled), maskOf(...truth), [0], 2);
        const twice = pooledQuality([one, one]);
        expect(meanIou(twice.whole)).toBe(meanIou(one.whole));
        expect(twice.byDistance.map(({ slices }) => slices)).toEqual(one.byDistance.map(() => 2));
      }),
    );
  });

  it("refuses masks of different shapes", () => {
    expect(() => interpolationQuality(maskOf([1]), maskOf([1, 1]), [])).toThrow(
      "filled mask must have the shape of the truth [1, 1, 2], got [1, 1, 1]",
    );
  });
});
