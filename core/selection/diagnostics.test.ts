import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coverageOf, diagnose, type PickedVolume } from "./diagnostics.ts";
import type { Features } from "./features.ts";

/** Rows on a line, at these places; a second coordinate keeps directions apart. */
const rowsAt = (places: readonly number[]): Features => ({
  count: places.length,
  length: 2,
  values: Float32Array.from(places.flatMap((place) => [place, 1])),
});

const volume = (places: readonly number[], picks: readonly number[], more = {}): PickedVolume => ({
  depth: places.length,
  spacingMm: 2,
  features: rowsAt(places),
  hasTarget: null,
  picks,
  ...more,
});

describe("diagnose", () => {
  it("says how far slices are from picked ones, in features and in mm", () => {
    const one = volume([0, 1, 2, 3, 10], [1, 3], { hasTarget: [false, true, true, false, false] });
    const found = diagnose([one]);
    expect(found).toMatchObject({ volumes: 1, slices: 2, largestGapMm: 4, meanGapMm: 4 });
    expect(found.coverageRadius).toBeCloseTo(7, 6);
    expect(found.meanCoverage).toBeCloseTo((1 + 0 + 1 + 0 + 7) / 5, 6);
    expect(found.foregroundShare).toBe(0.5);
    // Directions of (1, 1) and (3, 1).
    expect(found.redundancy).toBeCloseTo(4 / Math.sqrt(2 * 10), 6);
  });

  it.each([
    { picks: [0], largest: 8, mean: null },
    { picks: [4], largest: 8, mean: null },
    { picks: [2], largest: 4, mean: null },
    { picks: [0, 1], largest: 6, mean: 2 },
    { picks: [0, 1, 2, 3, 4], largest: 2, mean: 2 },
  ])("counts the way to the ends: $picks", ({ picks, largest, mean }) => {
    const { largestGapMm, meanGapMm } = diagnose([volume([0, 1, 2, 3, 4], picks)]);
    expect([largestGapMm, meanGapMm]).toEqual([largest, mean]);
  });

  it("lets a slice of one volume cover those of another, and passes over bare volumes in mm", () => {
    const bare = volume([5, 5.5], []);
    const found = diagnose([volume([0, 5], [0, 1]), bare]);
    expect(found).toMatchObject({ volumes: 1, slices: 2, largestGapMm: 2 });
    expect(found.coverageRadius).toBeCloseTo(0.5, 6);
  });

  it("leaves open what nothing says anything about", () => {
    expect(diagnose([volume([1, 2], [])])).toEqual({
      volumes: 0,
      slices: 0,
      coverageRadius: null,
      meanCoverage: null,
      redundancy: null,
      largestGapMm: null,
      meanGapMm: null,
      foregroundShare: null,
    });
    expect(diagnose([volume([1], [0])])).toMatchObject({ redundancy: null, meanGapMm: null });
  });

  it("finds full redundancy between equal slices and none between unlike ones", () => {
    const features = { count: 3, length: 2, values: Float32Array.from([1, 0, 0, 1, 1, 0]) };
    const of = (picks: number[]) => diagnose([volume([0, 0, 0], picks, { features })]).redundancy;
    expect(of([0, 2])).toBeCloseTo(1, 12);
    expect(of([0, 1])).toBeCloseTo(0, 12);
  });
});

describe("coverageOf", () => {
  it("is what plain loops measure, and never grows by another pick", () => {
    const anyRows = fc
      .array(
        fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.integer({ min: 0, max: 2 })),
        {
          minLength: 2,
          maxLength: 30,
        },
      )
      .map((rows) => ({
        count: rows.length,
        length: 2,
        values: Float32Array.from(rows.flat()),
      }));
    fc.assert(
      fc.property(anyRows, fc.nat(), fc.nat(), (features, a, b) => {
        const at = (row: number, k: number) => features.values[2 * row + k] as number;
        const picks = [...new Set([a % features.count, b % features.count])];
        const found = coverageOf(features, picks);
        const fewer = coverageOf(features, picks.slice(0, 1));
        for (let row = 0; row < features.count; row++) {
          const plain = picks.map((pick) =>
            Math.hypot(at(row, 0) - at(pick, 0), at(row, 1) - at(pick, 1)),
          );
          expect(found?.[row]).toBeCloseTo(Math.min(...plain), 9);
          expect(found?.[row]).toBeLessThanOrEqual(fewer?.[row] as number);
        }
      }),
    );
  });
});
