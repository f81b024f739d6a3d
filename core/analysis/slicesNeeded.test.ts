import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effectiveSlices, extrapolatedIou, type LearningSurface } from "./learningSurface.ts";
import { slicesNeeded } from "./slicesNeeded.ts";

const surface: LearningSurface = {
  ceiling: 0.85,
  gap: 1,
  rate: 0.4,
  form: "overlap",
  shape: 0.2,
  residual: 0.01,
  largest: effectiveSlices(90, 36, 0.2),
};
const pool = { volumes: 90, slices: 36, spacingMm: 1 };

describe("slicesNeeded", () => {
  it("turns the surface around: what it needs gives the score, one slice fewer per volume not", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.76, noNaN: true }), (iou) => {
        const { slices, reason } = slicesNeeded(surface, [], pool, iou);
        if (slices === null) {
          expect(reason).toContain("all 90 volumes");
          return;
        }
        const volumes = Math.min(pool.volumes, slices);
        const at = (count: number) => extrapolatedIou(surface, volumes, count / volumes);
        expect(at(slices)).toBeGreaterThanOrEqual(iou - 1e-9);
        if (slices > volumes) expect(at(slices - 1)).toBeLessThan(iou + 1e-9);
      }),
    );
  });

  it("has an interval that holds the estimate", () => {
    const doubt = [0.38, 0.39, 0.4, 0.41, 0.42].map((rate) => ({ ...surface, rate }));
    const { slices, interval } = slicesNeeded(surface, doubt, pool, 0.7);
    expect(interval[0] ?? 0).toBeLessThan(slices ?? 0);
    expect(interval[1] ?? 0).toBeGreaterThan(slices ?? 0);
  });

  it.each([
    [0.85, pool, /levels off at 0.850/],
    [0.84, pool, /all 90 volumes, annotated in full/],
    [
      0.84,
      { ...pool, volumes: 100_000 },
      /more than 4 times beyond the largest annotation measured/,
    ],
  ])("does not promise %d of %j", (iou, from, reason) => {
    const found = slicesNeeded(surface, [surface], from, iou);
    expect(found.slices).toBeNull();
    expect(found.reason).toMatch(reason);
  });

  it("leaves an end of the interval open where some surfaces never get there", () => {
    const low = { ...surface, ceiling: 0.68 };
    const { slices, interval } = slicesNeeded(surface, [surface, surface, low], pool, 0.7);
    expect(slices).not.toBeNull();
    expect(interval[0]).toBe(slices);
    expect(interval[1]).toBeNull();
  });
});
