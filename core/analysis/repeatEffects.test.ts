import { describe, expect, it } from "vitest";
import { resultOf } from "../../testing/results.ts";
import { seededRandom } from "../random.ts";
import { effectiveSlices, iouInterval } from "./learningSurface.ts";
import { withoutRepeatEffects } from "./repeatEffects.ts";
import { surfacesOf } from "./surfaceAnalysis.ts";

describe("withoutRepeatEffects", () => {
  const scores = [0, 1, 2].flatMap((repeat) =>
    ["a", "b", "c", "d"].map((configuration, k) => ({
      configuration,
      repeat,
      iou: 0.5 + 0.05 * k + ([0.02, -0.05, 0.03][repeat] ?? 0),
    })),
  );

  it("brings repeats to one level and keeps the mean", () => {
    const { iou, repeats, levelError } = withoutRepeatEffects(scores);
    for (const [k, value] of iou.entries()) expect(value).toBeCloseTo(0.5 + 0.05 * (k % 4), 12);
    expect(repeats).toBe(3);
    // The sample standard deviation of the three effects over the root of 3.
    expect(levelError).toBeCloseTo(Math.sqrt(0.0038 / 2 / 3), 12);
  });

  it("does so where trials are missing", () => {
    const { iou } = withoutRepeatEffects(scores.filter((_, k) => k !== 1 && k !== 7 && k !== 8));
    const truth = scores
      .map((_, k) => 0.5 + 0.05 * (k % 4))
      .filter((_, k) => ![1, 7, 8].includes(k));
    const shift = (iou[0] ?? 0) - (truth[0] ?? 0);
    for (const [k, value] of iou.entries()) expect(value - (truth[k] ?? 0)).toBeCloseTo(shift, 6);
  });

  it("leaves alone what cannot be compared", () => {
    const apart = scores.filter(({ configuration, repeat }) =>
      repeat === 0 ? configuration < "c" : configuration >= "c",
    );
    expect(withoutRepeatEffects(apart)).toEqual({
      iou: apart.map(({ iou }) => iou),
      repeats: 1,
      levelError: 0,
    });
    expect(withoutRepeatEffects(scores.slice(0, 4)).levelError).toBe(0);
  });
});

describe("surfacesOf", () => {
  const truth = (volumes: number, slices: number) =>
    0.8 - 1.1 * effectiveSlices(volumes, slices, 0.25) ** -0.45;

  it("covers the truth in 90 to 99 % of simulations in which repeats are lucky or not", () => {
    let covered = 0;
    let total = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = seededRandom(seed);
      const luck = [0, 1, 2, 3].map(() => 0.03 * random.normal());
      const results = luck.flatMap((effect, repeat) =>
        [0.125, 0.25, 0.5, 1].flatMap((volumeFraction) =>
          [0.05, 0.1, 0.2, 0.4, 0.8].map((density) => {
            const iou = truth(80 * volumeFraction, 40 * density) + effect + 0.01 * random.normal();
            return resultOf({ volumeFraction, density }, repeat, [iou]);
          }),
        ),
      );
      const [found] = surfacesOf(results, seededRandom(seed));
      expect(found?.surface?.residual).toBeLessThan(0.02);
      for (const [volumes, slices] of [
        [10, 2],
        [40, 8],
        [80, 16],
      ] as const) {
        const [low, high] = iouInterval(found?.doubt ?? [], volumes, slices);
        total++;
        if (low <= truth(volumes, slices) && truth(volumes, slices) <= high) covered++;
      }
    }
    expect(covered / total).toBeGreaterThanOrEqual(0.9);
    expect(covered / total).toBeLessThanOrEqual(0.99);
  });
});
