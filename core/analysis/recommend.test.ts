import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCostModel } from "./cost.ts";
import { effectiveSlices, type LearningSurface } from "./learningSurface.ts";
import { recommend } from "./recommend.ts";

const surfaceWith = (correlation: number): LearningSurface => ({
  ceiling: 0.8,
  gap: 1,
  rate: 0.5,
  form: "overlap",
  shape: correlation,
  residual: 0.01,
  largest: 5000,
});
const pool = { volumes: 90, slices: 36, spacingMm: 1 };
const equalCost = parseCostModel({ minutesPerVolume: 0, locateMinutes: 0 });
const base = { doubt: [], pool, unit: "slices" as const, cost: equalCost };

describe("recommend", () => {
  it("spreads over all volumes when slices cost the same and tell the same story", () => {
    const { best } = recommend({ ...base, surface: surfaceWith(0.3), budget: 360 });
    expect(best).toMatchObject({ volumes: 90, slicesPerVolume: 4, slices: 360 });
  });

  it("annotates more in fewer volumes when opening a volume is dear (two-stage sampling)", () => {
    const cost = parseCostModel({ minutesPerSlice: 1, minutesPerVolume: 30, locateMinutes: 0 });
    const { best } = recommend({
      ...base,
      surface: surfaceWith(0.3),
      cost,
      unit: "hours",
      budget: 15,
    });
    expect(best.volumes).toBeLessThan(40);
    expect(best.hours).toBeLessThanOrEqual(15);
    // Cochran's optimum sqrt(30 / 1 * 0.7 / 0.3) = 8.4 slices per volume.
    expect(best.slicesPerVolume).toBeGreaterThanOrEqual(7);
    expect(best.slicesPerVolume).toBeLessThanOrEqual(10);
  });

  it("keeps to the least slices that a network needs", () => {
    const { best } = recommend({
      ...base,
      surface: surfaceWith(0.5),
      budget: 360,
      fewestSlices: 8,
    });
    expect(best).toMatchObject({ volumes: 45, slicesPerVolume: 8 });
  });

  it("never costs more than the budget and never loses to any affordable plan", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 3000 }),
        (correlation, budget) => {
          const surface = surfaceWith(correlation);
          const { best } = recommend({ ...base, surface, budget });
          expect(best.slices).toBeLessThanOrEqual(budget);
          for (let volumes = 1; volumes <= pool.volumes; volumes++) {
            const slices = Math.min(36, Math.floor(budget / volumes));
            if (slices < 1) break;
            const iou = 0.8 - effectiveSlices(volumes, slices, correlation) ** -0.5;
            expect(best.iou).toBeGreaterThanOrEqual(iou - 0.011);
          }
        },
      ),
    );
  });

  it("says how sure it is against the runner-up", () => {
    const doubt = [0.1, 0.2, 0.3, 0.4].map(surfaceWith);
    const { confidence, runnerUp } = recommend({
      ...base,
      surface: surfaceWith(0.3),
      doubt,
      budget: 360,
    });
    expect(runnerUp?.volumes).toBeLessThanOrEqual(60);
    expect(confidence).toBe(1);
  });

  it("tells that one more volume gains more than one more slice where volumes are left", () => {
    const found = recommend({
      ...base,
      pool: { ...pool, volumes: 500 },
      surface: surfaceWith(0.3),
      budget: 360,
    });
    expect(found.gainOfVolume ?? 0).toBeGreaterThan(found.gainOfSlice ?? 1);
  });

  it("stays with what trials measured where the fit would concentrate on a few volumes", () => {
    // Fully correlated volumes of which a surface says that only slices count.
    const dense = { ...surfaceWith(0), gap: 2 };
    const cost = parseCostModel({ minutesPerSlice: 1, minutesPerVolume: 60, locateMinutes: 0 });
    const inputs = { ...base, surface: dense, cost, unit: "hours" as const, budget: 20 };
    const measured = [
      { volumes: 12, slicesPerVolume: 4 },
      { volumes: 45, slicesPerVolume: 14 },
    ];
    expect(recommend(inputs).best.slicesPerVolume).toBe(36);
    expect(recommend({ ...inputs, measured }).best.slicesPerVolume).toBeLessThanOrEqual(14);
    // A budget that pays for nothing of the kind still gets a plan.
    expect(recommend({ ...inputs, measured, budget: 3 }).best.volumes).toBeLessThan(12);
  });

  it("refuses a budget that pays for nothing", () => {
    expect(() => recommend({ ...base, surface: surfaceWith(0.3), budget: 0 })).toThrow(
      "budget must pay for at least one slice of one volume, got 0 slices",
    );
  });
});
