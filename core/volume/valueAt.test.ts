import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Affine, worldOf } from "./grid.ts";
import { valueAt } from "./valueAt.ts";

const affine: Affine = [0, -0.6, 0.4, 10, 1.2, 0, 0, -20, 0, 0.8, 0.3, 5];
const shape = [3, 4, 5] as const;
const voxels = Int16Array.from({ length: 60 }, (_, index) => index * 3);
const volume = { shape, spacing: [0.5, 1, 1.2] as const, affine, voxels };

describe("valueAt", () => {
  it("finds every voxel from its place, and from near it", () => {
    const share = fc.double({ min: -0.49, max: 0.49, noNaN: true });
    const place = fc.tuple(fc.nat(2), fc.nat(3), fc.nat(4));
    fc.assert(
      fc.property(place, fc.tuple(share, share, share), ([d, h, w], [a, b, c]) => {
        const world = worldOf(affine, d + a, h + b, w + c);
        expect(valueAt(volume, world)).toEqual({
          voxel: [d, h, w],
          value: ((d * 4 + h) * 5 + w) * 3,
        });
      }),
    );
  });

  it.each([
    [-0.51, 0, 0],
    [2.51, 0, 0],
    [0, 3.51, 0],
    [0, 0, -0.51],
  ])("has no value at voxel %d, %d, %d", (d, h, w) => {
    expect(valueAt(volume, worldOf(affine, d, h, w))).toEqual({ voxel: null, value: null });
  });

  it("has no value at places that are no numbers", () => {
    expect(valueAt(volume, [Number.NaN, 0, 0])).toEqual({ voxel: null, value: null });
  });
});
