import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { annotate, type Example } from "#core/selection/annotate.ts";
import type { Case } from "#core/volume/volume.ts";
import { sliceBatches } from "./batches.ts";

/** Voxel values tell slice and place: 1000 * slice + place; the class is that of the place. */
function exampleOf(shape: readonly [number, number, number], annotated: number[]): Example {
  const size = shape[1] * shape[2];
  const count = shape[0] * size;
  const values = Array.from(
    { length: count },
    (_, i) => 1000 * Math.floor(i / size) + (i % size) + 1,
  );
  const one: Case = {
    id: "a",
    patient: "a",
    image: {
      shape,
      spacing: [1, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
      voxels: Float32Array.from(values),
    },
    mask: { shape, classes: Uint8Array.from(values, (value) => value % 2) },
  };
  return annotate(one, annotated);
}

const sliceOfValue = (value: number) => Math.floor(value / 1000);

describe("sliceBatches", () => {
  it("gives every annotated slice once per epoch and no other", () => {
    const batches = sliceBatches([exampleOf([9, 3, 3], [1, 4, 5, 7])], 2, [3, 3], seededRandom(1));
    for (let epoch = 0; epoch < 3; epoch++) {
      const seen = [batches.at(2 * epoch), batches.at(2 * epoch + 1)].flatMap(({ images }) => [
        sliceOfValue(images[0] ?? 0),
        sliceOfValue(images[9] ?? 0),
      ]);
      expect(seen.sort()).toEqual([1, 4, 5, 7]);
    }
  });

  it("fills a batch larger than the epoch", () => {
    const batches = sliceBatches([exampleOf([4, 2, 2], [2])], 3, [2, 2], seededRandom(1));
    const { images, classes } = batches.at(0);
    expect([...images]).toEqual([
      2001, 2002, 2003, 2004, 2001, 2002, 2003, 2004, 2001, 2002, 2003, 2004,
    ]);
    expect([...classes]).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  });

  it("centres a smaller slice among image 0 and class 255", () => {
    const batches = sliceBatches([exampleOf([1, 1, 2], [0])], 1, [3, 4], seededRandom(1));
    const { images, classes } = batches.at(0);
    expect([...images]).toEqual([0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0]);
    expect([...classes]).toEqual([255, 255, 255, 255, 255, 1, 0, 255, 255, 255, 255, 255]);
  });

  it("crops a larger slice anywhere, image and classes alike", () => {
    const corners = new Set<number>();
    const batches = sliceBatches([exampleOf([1, 5, 6], [0])], 1, [4, 4], seededRandom(1));
    for (let index = 0; index < 60; index++) {
      const { images, classes } = batches.at(index);
      const corner = (images[0] ?? 0) - 1;
      corners.add(corner);
      for (let row = 0; row < 4; row++) {
        for (let column = 0; column < 4; column++) {
          const value = corner + row * 6 + column + 1;
          expect(images[row * 4 + column]).toBe(value);
          expect(classes[row * 4 + column]).toBe(value % 2);
        }
      }
    }
    expect([...corners].sort((a, b) => a - b)).toEqual([0, 1, 2, 6, 7, 8]);
  });

  it("never shows a class of a slice that was not annotated", () => {
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), fc.nat(), (slices, seed) => {
        const batches = sliceBatches([exampleOf([6, 3, 5], slices)], 4, [4, 4], seededRandom(seed));
        for (let index = 0; index < 5; index++) {
          const { images, classes } = batches.at(index);
          for (const [place, one] of classes.entries()) {
            if (one !== 255) expect(slices).toContain(sliceOfValue(images[place] ?? 0));
          }
        }
      }),
    );
  });

  it("is the same for the same stream, whichever batch is asked for first", () => {
    const [first, second] = [1, 1].map(() =>
      sliceBatches([exampleOf([9, 6, 6], [0, 3, 8])], 2, [4, 4], seededRandom(5)),
    );
    const forwards = [0, 1, 2, 3].map((step) => first?.at(step));
    const backwards = [3, 2, 1, 0].map((step) => second?.at(step));
    expect(forwards).toEqual(backwards.reverse());
  });

  it("refuses examples of which nothing is known", () => {
    expect(() => sliceBatches([exampleOf([3, 2, 2], [])], 2, [2, 2], seededRandom(1))).toThrow(
      "training needs at least one annotated slice, got none",
    );
  });
});
