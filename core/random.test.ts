import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "./random.ts";

describe("seededRandom", () => {
  it("repeats itself for the same seed and differs for another", () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 5 },
        (
          (r) => () =>
            r.uniform()
        )(seededRandom(seed)),
      );
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it("forks by name alone: draws made before do not change a fork", () => {
    const fresh = seededRandom(3).fork("slices");
    const used = seededRandom(3);
    for (let draw = 0; draw < 100; draw++) used.uniform();
    expect(used.fork("slices").permutation(20)).toEqual(fresh.permutation(20));
    expect(seededRandom(3).fork("weights").permutation(20)).not.toEqual(
      seededRandom(3).fork("slices").permutation(20),
    );
  });

  it("draws integers uniformly: chi-square of 10,000 draws in 10 bins", () => {
    const random = seededRandom(1);
    const bins = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) {
      const bin = random.integer(10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 99.9 % point, 9 degrees of freedom
  });

  it("draws normals with mean 0 and variance 1", () => {
    const random = seededRandom(2);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeGreaterThan(0.96);
    expect(variance).toBeLessThan(1.04);
  });

  it("permutes: every index once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer(), (count, seed) => {
        const order = seededRandom(seed).permutation(count);
        expect([...order].sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, i) => i),
        );
      }),
    );
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses the seed %d", (seed) => {
    expect(() => seededRandom(seed)).toThrow(`seed must be an integer, got ${seed}`);
  });

  it.each([0, -1, 2.5])("refuses integers below %d", (below) => {
    expect(() => seededRandom(1).integer(below)).toThrow("below must be a positive integer");
  });
});
