import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import type { Volume } from "../volume/volume.ts";
import { coveringPicks } from "./coveringPicks.ts";
import type { Features } from "./features.ts";
import { kMeans } from "./kMeans.ts";
import { sliceDescriptors } from "./sliceDescriptor.ts";
import { typicalPicks } from "./typicalPicks.ts";

/** Rows around `centres`, `each` of them, with small normal noise. */
function blobs(centres: readonly (readonly number[])[], each: number, seed = 1): Features {
  const random = seededRandom(seed);
  const rows = centres.flatMap((centre) =>
    Array.from({ length: each }, () => centre.map((value) => value + 0.1 * random.normal())),
  );
  return {
    count: rows.length,
    length: centres[0]?.length ?? 0,
    values: Float32Array.from(rows.flat()),
  };
}

const corners = [
  [0, 0],
  [10, 0],
  [0, 10],
  [10, 10],
] as const;
const blobOf = (row: number) => Math.floor(row / 15);

const anyFeatures = fc
  .tuple(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 3 }))
  .chain(([count, length]) =>
    fc.record({
      count: fc.constant(count),
      length: fc.constant(length),
      // Few values, so that rows often coincide.
      values: fc
        .array(fc.integer({ min: 0, max: 3 }), {
          minLength: count * length,
          maxLength: count * length,
        })
        .map((values) => Float32Array.from(values)),
      picks: fc.integer({ min: 1, max: count }),
      seed: fc.integer(),
    }),
  );

describe("kMeans", () => {
  it("finds four separate blobs from any start", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { labels } = kMeans(blobs(corners, 15), 4, seededRandom(seed));
      const found = new Set(Array.from(labels, (label, row) => `${label} ${blobOf(row)}`));
      expect(found.size).toBe(4);
    }
  });

  it("leaves no cluster empty, also among equal rows", () => {
    fc.assert(
      fc.property(anyFeatures, ({ picks, seed, ...features }) => {
        const { labels } = kMeans(features, picks, seededRandom(seed));
        expect(new Set(labels).size).toBe(picks);
      }),
    );
  });
});

describe.each(Object.entries({ typicalPicks, coveringPicks }))("%s", (_, pick) => {
  it("takes one row of each of four blobs", () => {
    const picks = pick(blobs(corners, 15), 4, seededRandom(1));
    expect([...new Set(picks.map(blobOf))].sort()).toEqual([0, 1, 2, 3]);
  });

  it("picks different rows, as many as asked, the same for the same seed", () => {
    fc.assert(
      fc.property(anyFeatures, ({ picks: count, seed, ...features }) => {
        const picks = pick(features, count, seededRandom(seed));
        expect(new Set(picks).size).toBe(count);
        expect(picks).toEqual(pick(features, count, seededRandom(seed)));
      }),
    );
  });
});

describe("typicalPicks", () => {
  it("prefers the middle of a cluster to its rim", () => {
    const line = [-4, -1, -0.5, 0, 0.5, 1, 4];
    const features = { count: 7, length: 1, values: Float32Array.from(line) };
    expect(typicalPicks(features, 1, seededRandom(1))).toEqual([3]);
  });
});

describe("sliceDescriptors", () => {
  const volumeOf = (
    height: number,
    width: number,
    value: (y: number, x: number) => number,
  ): Volume => ({
    shape: [1, height, width],
    spacing: [1, 1, 1],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
    voxels: Float32Array.from({ length: height * width }, (_, index) =>
      value(Math.floor(index / width), index % width),
    ),
  });

  it("is of length 1 and mean 0, and the same after brightness and contrast changed", () => {
    const slice = (gain: number, offset: number) =>
      sliceDescriptors(
        volumeOf(40, 31, (y, x) => offset + gain * Math.sin(y / 5) * Math.cos(x / 7)),
      );
    const { values } = slice(1, 0);
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 5);
    expect(values.reduce((a, b) => a + b * b, 0)).toBeCloseTo(1, 5);
    slice(7, 100).values.forEach((value, k) => {
      expect(value).toBeCloseTo(values[k] as number, 4);
    });
  });

  it("averages whole cells exactly", () => {
    const { values } = sliceDescriptors(volumeOf(32, 16, (y) => (y < 16 ? 1 : -1)));
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(k < 128 ? 1 / 16 : -1 / 16, 6);
    });
  });

  it("of a constant slice is 0, also of one pixel", () => {
    expect(Math.max(...sliceDescriptors(volumeOf(5, 5, () => 3)).values)).toBe(0);
    expect(Math.max(...sliceDescriptors(volumeOf(1, 1, () => 3)).values)).toBe(0);
  });
});
