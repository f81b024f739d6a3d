import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalize } from "./normalize.ts";

describe("normalize", () => {
  it("uses the population's deviation", () => {
    const { voxels, mean, deviation } = normalize(Int16Array.of(1, 3));
    expect([mean, deviation, ...voxels]).toEqual([2, 1, -1, 1]);
  });

  it("gives mean 0 and variance 1, whatever the scale", () => {
    const values = fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(values, fc.constantFrom(1e-9, 1, 1e9), (list, scale) => {
        fc.pre(new Set(list).size > 1);
        const { voxels } = normalize(Float32Array.from(list, (value) => value * scale));
        const mean = voxels.reduce((sum, value) => sum + value, 0) / voxels.length;
        const square = voxels.reduce((sum, value) => sum + value ** 2, 0) / voxels.length;
        expect(mean).toBeCloseTo(0, 4);
        expect(square).toBeCloseTo(1, 3);
      }),
    );
  });

  it.each([0, 0.1, -1e30, 1e-45])("turns a volume of nothing but %d into zeros", (value) => {
    const { voxels, deviation } = normalize(new Float32Array(1000).fill(value));
    expect(deviation).toBe(0);
    expect(voxels.every((one) => one === 0)).toBe(true);
  });

  it("counts what is not finite and takes it as 0", () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300];
    const { voxels, nonFinite } = normalize(Float64Array.of(...odd, 4, -4));
    expect(nonFinite).toBe(4);
    expect([...voxels.slice(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(voxels[4]).toBeCloseTo(Math.sqrt(3), 6);
  });

  it("does not touch its input", () => {
    const input = Float32Array.of(1, 2, 3);
    normalize(input);
    expect([...input]).toEqual([1, 2, 3]);
  });
});
