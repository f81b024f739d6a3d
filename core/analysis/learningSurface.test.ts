import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import { bootstrapSurfaces, fitSurface, type SurfacePoint } from "./fitSurface.ts";
import { effectiveSlices, iouInterval, surfaceIou } from "./learningSurface.ts";

const truth = { ceiling: 0.8, gap: 1.1, rate: 0.45, correlation: 0.25 };
const trueIou = (volumes: number, slicesPerVolume: number) =>
  truth.ceiling -
  truth.gap * effectiveSlices(volumes, slicesPerVolume, truth.correlation) ** -truth.rate;

/** The paper's grid over 90 volumes of 36 slices, `repeats` noisy trials each. */
const simulate = (noise: number, seed: number, repeats = 3): SurfacePoint[] => {
  const random = seededRandom(seed);
  return [11, 23, 45, 90].flatMap((volumes) =>
    [2, 4, 7, 14, 29].flatMap((slicesPerVolume) =>
      Array.from({ length: repeats }, () => ({
        volumes,
        slicesPerVolume,
        iou: trueIou(volumes, slicesPerVolume) + noise * random.normal(),
      })),
    ),
  );
};

describe("fitSurface", () => {
  it("finds the parameters of a surface without noise", () => {
    const found = fitSurface(simulate(0, 1, 1));
    expect(found.form).toBe("overlap");
    expect(found.shape).toBeCloseTo(truth.correlation, 2);
    expect(found.rate).toBeCloseTo(truth.rate, 1);
    expect(found.ceiling).toBeCloseTo(truth.ceiling, 2);
    expect(found.residual).toBeLessThan(1e-4);
  });

  it.each([0.3, 0.7, 1.6])("finds a density that counts for its power of %d", (exponent) => {
    const points = simulate(0, 1, 1).map(({ volumes, slicesPerVolume }) => ({
      volumes,
      slicesPerVolume,
      iou: 0.9 - 0.8 * (volumes * slicesPerVolume ** exponent) ** -0.3,
    }));
    const found = fitSurface(points);
    expect(found.form).toBe("power");
    expect(found.shape).toBeCloseTo(exponent, 1);
    expect(found.residual).toBeLessThan(1e-4);
  });

  it("refuses three sizes and predictions far beyond what was measured", () => {
    expect(() => fitSurface(simulate(0.01, 1).slice(0, 9))).toThrow(
      "a learning surface needs at least 4 different configurations, got 3",
    );
    const surface = fitSurface(simulate(0.01, 1));
    expect(() => surfaceIou(surface, 10_000, 30)).toThrow("a prediction must stay within 4 times");
  });

  it("never promises more than 1 nor falls with more annotation", () => {
    const rising = simulate(0.05, 3).map((point) => ({ ...point, iou: point.iou + 0.3 }));
    const surface = fitSurface(rising);
    expect(surface.ceiling).toBeLessThanOrEqual(1);
    expect(surfaceIou(surface, 90, 20)).toBeGreaterThanOrEqual(surfaceIou(surface, 45, 20));
    expect(surfaceIou(surface, 90, 20)).toBeGreaterThanOrEqual(surfaceIou(surface, 90, 10));
  });
});

describe("iouInterval", () => {
  it("covers the truth about as often as it says: 95 % intervals in 90 to 98 % of simulations", () => {
    const sizes = [
      [11, 4],
      [45, 7],
      [90, 14],
    ] as const;
    let covered = 0;
    let total = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const surfaces = bootstrapSurfaces(simulate(0.015, seed), 200, seededRandom(seed));
      for (const [volumes, slices] of sizes) {
        const [low, high] = iouInterval(surfaces, volumes, slices);
        total++;
        if (low <= trueIou(volumes, slices) && trueIou(volumes, slices) <= high) covered++;
      }
    }
    expect(covered / total).toBeGreaterThanOrEqual(0.9);
    expect(covered / total).toBeLessThanOrEqual(0.98);
  });
});
