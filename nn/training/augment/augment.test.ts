import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";
import { drawAffine, sourceMatrix } from "./affine.ts";
import { augmentPatch, flipWidth } from "./augmentPatch.ts";
import { biasField, biasTerms, drawBias } from "./biasField.ts";
import { drawControlPoints, splineField } from "./elastic.ts";
import { type LabelledGrid, warpPatch } from "./warpPatch.ts";

const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const still = { spacing: [1, 1, 1], matrix: identity, displacement: null } as const;

function gridOf(shape: Shape3, value: (z: number, y: number, x: number) => number): LabelledGrid {
  const [depth, height, width] = shape;
  const image = Float32Array.from({ length: depth * height * width }, (_, index) =>
    value(Math.floor(index / (height * width)), Math.floor(index / width) % height, index % width),
  );
  return { shape, image, classes: Uint8Array.from(image, (one) => (one > 0 ? 1 : 0)) };
}

const empty = (shape: Shape3) => gridOf(shape, () => 0);

describe("warpPatch", () => {
  it("copies where nothing moves, and knows nothing outside", () => {
    const from = gridOf([3, 4, 5], (z, y, x) => 100 * z + 10 * y + x);
    const into = empty([2, 3, 4]);
    warpPatch(from, into, { ...still, corner: [1, 2, 3] }, -7);
    const expected = gridOf([2, 3, 4], (z, y, x) =>
      y + 2 < 4 && x + 3 < 5 ? 100 * (z + 1) + 10 * (y + 2) + x + 3 : -7,
    );
    expect(into.image).toEqual(expected.image);
    expect([...into.classes].filter((one) => one === UNANNOTATED)).toHaveLength(2 * (12 - 4));
  });

  it("moves a plane of intensities by what it is displaced, mm by spacing", () => {
    // A linear image stays linear under linear interpolation: f(x + d) = f(x) + slope d.
    const from = gridOf([1, 9, 9], (_, y, x) => 3 * y + 2 * x);
    const into = empty([1, 3, 3]);
    const shift = (mm: number) => new Float32Array(9).fill(mm);
    const displacement = [shift(0), shift(1.5), shift(-0.5)];
    const spacing = [1, 3, 2] as const;
    warpPatch(from, into, { ...still, spacing, displacement, corner: [0, 3, 3] }, 0);
    for (const [place, value] of into.image.entries()) {
      const [y, x] = [3 + Math.floor(place / 3) + 0.5, 3 + (place % 3) - 0.25];
      expect(value).toBeCloseTo(3 * y + 2 * x, 4);
    }
  });

  it("takes classes from the nearest voxel, so that no new class appears", () => {
    const from = gridOf([1, 8, 8], (_, y, x) => (x > 3 && y > 3 ? 1 : 0));
    from.classes.set(from.classes.map((one) => (one === 1 ? 5 : 0)));
    const into = empty([1, 8, 8]);
    const matrix = sourceMatrix(drawAffine(true, seededRandom(4)));
    warpPatch(from, into, { ...still, matrix, corner: [0, 0, 0] }, 0);
    expect(new Set(into.classes)).toEqual(new Set([0, 5, UNANNOTATED]));
  });
});

describe("an affine change", () => {
  it("turns by 90 degrees about the depth axis as the closed form says", () => {
    const from = gridOf([1, 5, 5], (_, y, x) => 10 * y + x);
    const into = empty([1, 5, 5]);
    const matrix = sourceMatrix({ scales: [1, 1, 1], degrees: [90, 0, 0] });
    warpPatch(from, into, { ...still, matrix, corner: [0, 0, 0] }, -1);
    const expected = gridOf([1, 5, 5], (_, y, x) => 10 * x + (4 - y));
    const other = gridOf([1, 5, 5], (_, y, x) => 10 * (4 - x) + y);
    const difference = (grid: LabelledGrid) =>
      Math.max(...into.image.map((one, i) => Math.abs(one - (grid.image[i] ?? 0))));
    expect(Math.min(difference(expected), difference(other))).toBeLessThan(1e-4);
  });

  it("makes objects larger by its scale", () => {
    const disc = (r: number) =>
      gridOf([1, 61, 61], (_, y, x) => (Math.hypot(y - 30, x - 30) < r ? 1 : 0));
    const into = empty([1, 61, 61]);
    const matrix = sourceMatrix({ scales: [1, 1.5, 1.5], degrees: [0, 0, 0] });
    warpPatch(disc(10.2), into, { ...still, matrix, corner: [0, 0, 0] }, 0);
    const count = (grid: LabelledGrid) => grid.classes.filter((one) => one === 1).length;
    expect(count(into) / count(disc(10.2))).toBeCloseTo(2.25, 1);
  });

  it("stays in TorchIO's ranges, and in the plane of a slice", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.boolean(), (seed, isFlat) => {
        const { scales, degrees } = drawAffine(isFlat, seededRandom(seed));
        for (const scale of scales) expect(Math.abs(scale - 1)).toBeLessThanOrEqual(0.1);
        for (const angle of degrees) expect(Math.abs(angle)).toBeLessThanOrEqual(10);
        if (isFlat) expect([scales[0], degrees[1], degrees[2]]).toEqual([1, 0, 0]);
        const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = sourceMatrix({
          scales,
          degrees,
        });
        const volume = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
        expect(volume).toBeCloseTo(1 / (scales[0] * scales[1] * scales[2]), 9);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a bias field", () => {
  it("has 20 terms in a volume and 10 in a slice", () => {
    expect([biasTerms(false).length, biasTerms(true).length]).toEqual([20, 10]);
  });

  it("is exp of the polynomial, from -1 to 1 along each axis", () => {
    const terms = biasTerms(false);
    const coefficients = terms.map(([i, j, k]) =>
      i === 1 && j === 0 && k === 0 ? 0.3 : i === 0 && j === 1 && k === 2 ? -0.2 : 0,
    );
    const field = biasField([3, 5, 5], coefficients);
    for (const [place, value] of field.entries()) {
      const [z, y, x] = [
        Math.floor(place / 25) - 1,
        (Math.floor(place / 5) % 5) / 2 - 1,
        (place % 5) / 2 - 1,
      ];
      expect(value).toBeCloseTo(Math.exp(0.3 * z - 0.2 * y * x * x), 6);
    }
  });

  it("is a constant factor of its constant term", () => {
    const [first = 0] = biasField([1, 4, 4], [0.5]);
    expect(first).toBeCloseTo(Math.exp(0.5), 6);
    expect(drawBias(true, seededRandom(1)).every((one) => Math.abs(one) <= 0.5)).toBe(true);
  });
});

describe("an elastic deformation", () => {
  it("moves all places alike when all control points move alike", () => {
    const field = splineField([4, 6, 5], new Float64Array(343).fill(2.5));
    for (const mm of field) expect(mm).toBeCloseTo(2.5, 6);
  });

  it("follows control points on a line exactly", () => {
    // Cubic B-splines reproduce linear functions; point k lies at (k - 1) / 4 of the axis.
    const points = Float64Array.from({ length: 49 }, (_, at) => (at % 7) - 1);
    const field = splineField([1, 3, 9], points);
    for (const [place, mm] of field.entries()) expect(mm).toBeCloseTo((place % 9) / 2, 6);
  });

  it("leaves its outermost layers, and the depth of a slice, where they are", () => {
    const volume = drawControlPoints(false, seededRandom(2));
    for (const points of volume) {
      for (const [at, mm] of points.entries()) {
        expect(Math.abs(mm)).toBeLessThanOrEqual(7.5);
        const indices = [Math.floor(at / 49), Math.floor(at / 7) % 7, at % 7];
        if (indices.some((one) => one < 2 || one > 4)) expect(mm).toBe(0);
      }
      expect(points.filter((mm) => mm !== 0)).toHaveLength(27);
    }
    const [depth, height] = drawControlPoints(true, seededRandom(2));
    expect(depth?.every((mm) => mm === 0)).toBe(true);
    expect(height?.filter((mm) => mm !== 0)).toHaveLength(9);
  });
});

describe("augmentPatch", () => {
  const from = gridOf([6, 12, 12], (z, y, x) => Math.sin(z + 2 * y + 3 * x));
  const place = { from, spacing: [1, 1, 1] as const, corner: [0, 2, 2] as const, lowest: -1 };
  const changed = (names: Parameters<typeof augmentPatch>[1], seed = 1) => {
    const into = empty([6, 8, 8]);
    augmentPatch(place, names, seededRandom(seed), into);
    return into;
  };

  it("is the same again for a seed, and one change does not move another", () => {
    expect(changed(["biasField", "elastic", "affine", "flip"])).toEqual(
      changed(["biasField", "elastic", "affine", "flip"]),
    );
    expect(changed(["elastic", "biasField"]).classes).toEqual(changed(["elastic"]).classes);
  });

  it("flips half of the patches, image and classes together", () => {
    const plain = changed([]);
    const mirrored = { ...changed([]) };
    flipWidth(mirrored);
    const flips = Array.from({ length: 200 }, (_, seed) => changed(["flip"], seed)).map((one) => {
      const isFlipped = one.image.every((value, i) => value === mirrored.image[i]);
      expect(one).toEqual(isFlipped ? mirrored : plain);
      return isFlipped;
    });
    const share = flips.filter(Boolean).length / flips.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.15);
  });
});
