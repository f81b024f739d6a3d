import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasShared, referenceSection } from "../../testing/reference.ts";
import { spacingOf } from "./affine.ts";
import { type Affine, type Shape3, type Spacing3, worldOf } from "./grid.ts";
import { resampledGrid, resampledShape } from "./resampledShape.ts";

const voxels = fc.integer({ min: 1, max: 1024 });
const mm = fc.double({ min: 0.1, max: 10, noNaN: true });

describe("resampledShape", () => {
  it.each([
    { shape: [40, 512, 512], from: [5, 0.75, 0.75], to: [1, 1.5, 1.5], expected: [200, 256, 256] },
    { shape: [3, 3, 3], from: [1, 1, 1], to: [2, 2, 2], expected: [2, 2, 2] }, // 1.5 rounds up
    { shape: [1, 8, 8], from: [1, 1, 1], to: [10, 1, 1], expected: [1, 8, 8] }, // never 0
  ] as const)("$shape at $from mm becomes $expected at $to mm", ({ shape, from, to, expected }) => {
    expect(resampledShape(shape, from, to)).toEqual(expected);
  });

  it("leaves the shape alone when the spacing does not change", () => {
    fc.assert(
      fc.property(fc.tuple(voxels, voxels, voxels), fc.tuple(mm, mm, mm), (shape, spacing) => {
        expect(resampledShape(shape, spacing, spacing)).toEqual(shape);
      }),
    );
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a spacing of %d mm", (size) => {
    expect(() => resampledShape([4, 4, 4], [1, 1, 1], [size, 1, 1])).toThrow(
      `targetSpacing must be three positive numbers in mm, got [${size}, 1, 1]`,
    );
  });

  it.skipIf(!hasShared)("agrees with nnU-Net", () => {
    const { manifest } = referenceSection<{
      grid_conventions: {
        rows: {
          shape: number[];
          spacing: number[];
          new_spacing: number[];
          nnunet_size_round: number[];
        }[];
      };
    }>("resampling");
    const turned = (values: number[]) => values.toReversed() as unknown as Shape3 & Spacing3;
    for (const row of manifest.grid_conventions.rows) {
      expect(
        resampledShape(turned(row.shape), turned(row.spacing), turned(row.new_spacing)),
      ).toEqual(row.nnunet_size_round.toReversed());
    }
  });
});

describe("resampledGrid", () => {
  it("keeps the outer face of the first voxel and the directions", () => {
    const affine: Affine = [0, -0.6, 0.4, 10, 1.2, 0, 0, -20, 0, 0.8, 0.3, 5];
    fc.assert(
      fc.property(fc.tuple(voxels, voxels, voxels), fc.tuple(mm, mm, mm), (shape, spacing) => {
        const grid = { shape, spacing: spacingOf(affine), affine };
        const resampled = resampledGrid(grid, spacing);
        const corner = worldOf(affine, -0.5, -0.5, -0.5);
        worldOf(resampled.affine, -0.5, -0.5, -0.5).forEach((value, axis) => {
          expect(value).toBeCloseTo(corner[axis] as number, 8);
        });
        resampled.spacing.forEach((size, axis) => {
          expect(size).toBeCloseTo(spacing[axis] as number, 8);
        });
      }),
    );
  });
});
