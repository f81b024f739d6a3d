import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlanRequest } from "./annotationPlan.ts";
import { parseCostModel } from "./cost.ts";
import type { LearningSurface } from "./learningSurface.ts";
import { planFor } from "./planFor.ts";
import type { SurfaceAnalysis } from "./surfaceAnalysis.ts";

const surface: LearningSurface = {
  ceiling: 0.8,
  gap: 1,
  rate: 0.5,
  form: "overlap",
  shape: 0.3,
  residual: 0.01,
  largest: 400,
};
const analysed: SurfaceAnalysis = {
  network: "unet2d",
  interpolator: "none",
  surface,
  reason: null,
  doubt: [0.25, 0.3, 0.35].map((correlation) => ({ ...surface, shape: correlation })),
  sizes: [],
};
const base: PlanRequest = {
  surfaces: [],
  pool: { volumes: 90, slices: 60, spacingMm: 2 },
  budget: 360,
  unit: "slices",
  cost: parseCostModel({}),
};

describe("planFor", () => {
  it("takes the paper's defaults without an experiment, and says so", () => {
    const plan = planFor(base);
    expect(plan).toMatchObject({ source: "paper", volumes: 90, slices: 360, iou: null });
    expect(plan.reasons[0]).toContain("no experiment was given");
    expect(plan.reasons.join("\n")).toContain("all 90 volumes");
  });

  it("does not thin out below 5 % of the slices", () => {
    const plan = planFor({ ...base, budget: 100 });
    expect(plan).toMatchObject({ volumes: 33, slices: 100 });
    expect(plan.reasons.join("\n")).toContain("33 of 90 volumes");
  });

  it("rests on the experiment's surface where there is one", () => {
    const plan = planFor({ ...base, surfaces: [analysed] });
    expect(plan).toMatchObject({
      source: "experiment",
      network: "unet2d",
      volumes: 90,
      slices: 360,
    });
    expect(plan.iou).toBeGreaterThan(0.7);
    expect(plan.reasons.join("\n")).toMatch(/4 slices of one volume teach as much as 2\.1 slices/);
    expect(plan.reasons.join("\n")).toMatch(/next best: \d+ volumes/);
  });

  it("falls back to the defaults, with the reason, where no surface could be fitted", () => {
    const broken = { ...analysed, surface: null, reason: "too few", doubt: [] };
    const plan = planFor({ ...base, surfaces: [broken] });
    expect(plan.source).toBe("paper");
    expect(plan.reasons[0]).toContain("the experiment does not bear a plan (too few)");
  });

  it("stops where the experiment says nothing any more", () => {
    const plan = planFor({
      ...base,
      surfaces: [{ ...analysed, surface: { ...surface, largest: 30 } }],
    });
    expect(plan.slices).toBeLessThan(360);
    expect(plan.warnings.map(({ code }) => code)).toContain("beyond-reach");
  });

  it("never costs more than the budget, in any unit", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("slices" as const, "hours" as const, "money" as const),
        fc.integer({ min: 5, max: 5000 }),
        fc.boolean(),
        (unit, budget, isMeasured) => {
          const plan = planFor({ ...base, unit, budget, surfaces: isMeasured ? [analysed] : [] });
          expect(plan[unit]).toBeLessThanOrEqual(budget + 1e-6);
          expect(plan.volumes).toBeLessThanOrEqual(90);
          expect(plan.slices).toBeGreaterThanOrEqual(plan.volumes);
        },
      ),
    );
  });

  it("refuses a budget that pays for nothing", () => {
    expect(() => planFor({ ...base, budget: 0.01, unit: "hours" })).toThrow(
      "budget must pay for at least one slice of one volume, got 0.01 hours",
    );
  });

  it("warns of short stacks and of targets on few slices", () => {
    const plan = planFor({
      ...base,
      pool: { volumes: 90, slices: 12, spacingMm: 8 },
      targetShare: 0.05,
    });
    expect(plan.warnings.map(({ code }) => code)).toEqual(["short-stack", "rare-target"]);
  });
});
