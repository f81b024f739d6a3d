import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasShared, type ReferenceTensor, referenceSection } from "../../testing/reference.ts";
import { seededRandom } from "../random.ts";
import { facilityLocation } from "./facilityLocation.ts";
import { cosineSimilarity, distanceBetween, type Features, rowNorms } from "./features.ts";
import { kCenterGreedy, medoidOf } from "./kCenterGreedy.ts";

interface GreedyCase {
  readonly name: string;
  readonly method: string;
  readonly metric: string;
  readonly seed?: number;
  readonly m: number;
  readonly tensors: { readonly features: ReferenceTensor };
  readonly picks: readonly number[];
  readonly radius?: readonly number[];
  readonly score?: readonly number[];
}

describe.skipIf(!hasShared)("against the reference selection", () => {
  const section = hasShared ? referenceSection<{ cases: GreedyCase[] }>("selection") : null;
  const cases = section?.manifest.cases ?? [];
  const featuresOf = ({ tensors }: GreedyCase): Features => ({
    count: tensors.features.shape[0] as number,
    length: tensors.features.shape[1] as number,
    values: section?.get(tensors.features) as Float32Array,
  });
  const kCenter = cases.filter(({ method }) => method === "kcenter");
  const facility = cases.filter(({ method }) => method === "facility");

  it("has cases to compare", () => {
    expect(kCenter.length).toBeGreaterThan(8);
    expect(facility.length).toBeGreaterThan(6);
  });

  it.each(kCenter)("picks of $name", (one) => {
    const metric = one.metric === "cosine" ? "cosine" : "euclidean";
    const { picks, radius } = kCenterGreedy(featuresOf(one), one.m, one.seed ?? 0, metric);
    expect(picks).toEqual(one.picks);
    one.radius?.forEach((expected, k) => {
      expect(radius[k]).toBeCloseTo(expected, 5);
    });
  });

  it.each(kCenter.filter(({ name }) => name.includes("medoid")))("medoid of $name", (one) => {
    const metric = one.metric === "cosine" ? "cosine" : "euclidean";
    expect(medoidOf(featuresOf(one), metric)).toBe(one.seed);
  });

  it.each(facility)("picks of $name", (one) => {
    const { picks, score } = facilityLocation(featuresOf(one), one.m);
    expect(picks).toEqual(one.picks);
    one.score?.forEach((expected, k) => {
      expect(score[k]).toBeCloseTo(expected, 4);
    });
  });
});

const smallSet = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 4 }))
  .chain(([count, length]) =>
    fc.record({
      count: fc.constant(count),
      length: fc.constant(length),
      values: fc
        .array(fc.double({ min: -3, max: 3, noNaN: true }), {
          minLength: count * length,
          maxLength: count * length,
        })
        .map((values) => Float32Array.from(values)),
      picks: fc.integer({ min: 1, max: Math.min(3, count) }),
    }),
  );

/** All sets of `size` rows. */
function* subsets(count: number, size: number, from = 0): Generator<number[]> {
  if (size === 0) yield [];
  else
    for (let row = from; row < count; row++)
      for (const rest of subsets(count, size - 1, row + 1)) yield [row, ...rest];
}

describe("bounds, against every possible set", () => {
  it("k-center stays within twice the best radius", () => {
    fc.assert(
      fc.property(smallSet, ({ picks: size, ...features }) => {
        const norms = rowNorms(features);
        const rows = Array.from({ length: features.count }, (_, row) => row);
        const radiusOf = (set: readonly number[]) =>
          Math.max(
            ...rows.map((row) =>
              Math.min(
                ...set.map((pick) => distanceBetween(features, norms, "euclidean", pick, row)),
              ),
            ),
          );
        const best = Math.min(...[...subsets(features.count, size)].map(radiusOf));
        const { picks, radius } = kCenterGreedy(features, size, 0);
        expect(new Set(picks).size).toBe(size);
        expect(radiusOf(picks)).toBeLessThanOrEqual(2 * best + 1e-9);
        expect(radius.at(-1)).toBeCloseTo(radiusOf(picks), 9);
      }),
    );
  });

  it("facility location reaches 1 - 1/e of the best score, with gains that never grow", () => {
    fc.assert(
      fc.property(smallSet, ({ picks: size, ...features }) => {
        const norms = rowNorms(features);
        const rows = Array.from({ length: features.count }, (_, row) => row);
        const scoreOf = (set: readonly number[]) =>
          rows
            .map((row) =>
              Math.max(0, ...set.map((pick) => cosineSimilarity(features, norms, pick, row))),
            )
            .reduce((a, b) => a + b, 0);
        const best = Math.max(...[...subsets(features.count, size)].map(scoreOf));
        const { picks, score } = facilityLocation(features, size);
        expect(score.at(-1)).toBeCloseTo(scoreOf(picks), 9);
        expect(scoreOf(picks)).toBeGreaterThanOrEqual((1 - 1 / Math.E) * best - 1e-9);
        const gains = score.map((value, k) => value - (score[k - 1] ?? 0));
        gains.slice(1).forEach((gain, k) => {
          expect(gain).toBeLessThanOrEqual((gains[k] as number) + 1e-9);
        });
      }),
    );
  });

  it("picks every row once even when all rows are equal", () => {
    const features = { count: 4, length: 2, values: new Float32Array(8).fill(1) };
    expect([...kCenterGreedy(features, 4, 2).picks].sort()).toEqual([0, 1, 2, 3]);
    expect([...facilityLocation(features, 4).picks].sort()).toEqual([0, 1, 2, 3]);
  });

  it("refuses more picks than rows", () => {
    const features = { count: 2, length: 1, values: new Float32Array(2) };
    expect(() => kCenterGreedy(features, 3, 0)).toThrow("from 1 to the 2 slices there are, got 3");
  });
});

describe("many rows, where bounds spare most distances", () => {
  const random = seededRandom(3);
  const length = 24;
  const count = 1500;
  const values = new Float32Array(count * length);
  for (let at = 0; at < values.length; at++) {
    const before = at % (50 * length) < length ? 0 : (values[at - length] as number);
    values[at] = before + random.normal() / (1 + (at % length));
  }
  const features: Features = { count, length, values };

  it("k-center picks what plain loops pick", () => {
    const norms = rowNorms(features);
    const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    const expected = [7];
    while (expected.length < 120) {
      const pick = expected.at(-1) as number;
      for (let row = 0; row < count; row++) {
        const distance = distanceBetween(features, norms, "euclidean", pick, row);
        nearest[row] = Math.min(nearest[row] as number, distance);
      }
      expected.push(nearest.indexOf(Math.max(...nearest)));
    }
    expect(kCenterGreedy(features, 120, 7).picks).toEqual(expected);
  });

  it("facility location picks what plain greedy picks", () => {
    const norms = rowNorms(features);
    const current = new Float64Array(count);
    const expected: number[] = [];
    const gainOf = (row: number) =>
      current.reduce(
        (gain, known, other) =>
          gain + Math.max(0, cosineSimilarity(features, norms, row, other) - known),
        0,
      );
    while (expected.length < 8) {
      const gains = Array.from({ length: count }, (_, row) => gainOf(row));
      const best = gains.indexOf(Math.max(...gains));
      expected.push(best);
      for (let other = 0; other < count; other++) {
        const similarity = cosineSimilarity(features, norms, best, other);
        current[other] = Math.max(current[other] as number, similarity);
      }
    }
    expect(facilityLocation(features, 8).picks).toEqual(expected);
  });

  it("facility location over a part of the rows stands for all nearly as well", () => {
    const part = Array.from({ length: 300 }, (_, k) => 5 * k);
    const { score: of } = facilityLocation(features, 40);
    const norms = rowNorms(features);
    const { picks } = facilityLocation(features, 40, undefined, part);
    let sum = 0;
    for (let row = 0; row < count; row++) {
      sum += Math.max(0, ...picks.map((pick) => cosineSimilarity(features, norms, pick, row)));
    }
    expect(sum).toBeGreaterThan(0.97 * (of.at(-1) as number));
  });
});
