import { describe, expect, it } from "vitest";
import { hasShared, type ReferenceTensor, referenceSection } from "../../testing/reference.ts";
import { spacingOf } from "./affine.ts";
import type { Affine, Grid, Shape3 } from "./grid.ts";
import { resampleMask, resampleVolume } from "./resample.ts";
import { resampledGrid } from "./resampledShape.ts";

interface ResamplingCase {
  readonly name: string;
  readonly fill: number;
  readonly input_affine_ras: number[][];
  readonly output_affine_ras: number[][];
  readonly tensors: Record<"volume" | "nearest", ReferenceTensor> & { linear?: ReferenceTensor };
}

function gridOf(rows: number[][], shape: readonly number[]): Grid {
  const affine = rows.slice(0, 3).flat() as unknown as Affine;
  return { shape: shape as unknown as Shape3, spacing: spacingOf(affine), affine };
}

describe.skipIf(!hasShared)("resampling equals itk::ResampleImageFilter", () => {
  const section = hasShared
    ? referenceSection<{ cases: ResamplingCase[] }>("resampling")
    : { manifest: { cases: [] }, get: () => new Float32Array() };

  it.each(section.manifest.cases)("$name", ({ tensors, fill, ...one }) => {
    const from = gridOf(one.input_affine_ras, tensors.volume.shape);
    const grid = gridOf(one.output_affine_ras, tensors.nearest.shape);
    const voxels = section.get(tensors.volume);
    const nearest = section.get(tensors.nearest);
    if (tensors.linear) {
      const linear = section.get(tensors.linear);
      const resampled = resampleVolume({ ...from, voxels }, grid, fill);
      expect(resampled.voxels).toHaveLength(linear.length);
      resampled.voxels.forEach((value, index) => {
        expect(Math.abs(value - (linear[index] as number))).toBeLessThan(1e-3);
      });
    }
    // Masks hold bytes: give every different value of the volume a class.
    const values = [...new Set([...voxels, ...nearest])];
    for (let start = 0; start < values.length; start += 254) {
      const classOf = new Map(
        values.slice(start, start + 254).map((value, index) => [value, index + 1]),
      );
      const classes = (from: Iterable<number>) =>
        Uint8Array.from(from, (value) => classOf.get(value) ?? 0);
      const mask = { shape: from.shape, classes: classes(voxels) };
      const resampled = resampleMask(mask, from, grid, classOf.get(fill) ?? 0);
      expect(resampled.classes).toEqual(classes(nearest));
    }
  });
});

describe("resampleVolume", () => {
  it("changes nothing on the same grid", () => {
    const affine: Affine = [0, 2, 0, 5, -1, 0, 0, 7, 0, 0, 3, -4];
    const voxels = Float32Array.from({ length: 24 }, (_, n) => n ** 2);
    const volume = { shape: [2, 3, 4] as const, spacing: spacingOf(affine), affine, voxels };
    expect(resampleVolume(volume, volume).voxels).toEqual(voxels);
  });

  it("keeps the mean of a plane when voxels are halved", () => {
    const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0];
    const voxels = Float32Array.of(1, 3, 5, 7);
    const volume = { shape: [1, 2, 2] as const, spacing: spacingOf(affine), affine, voxels };
    const fine = resampleVolume(volume, resampledGrid(volume, [4, 0.5, 0.5]));
    expect(fine.shape).toEqual([1, 4, 4]);
    expect([...fine.voxels.slice(0, 4)]).toEqual([1, 1.5, 2.5, 3]);
    expect(fine.voxels.reduce((sum, value) => sum + value, 0) / 16).toBeCloseTo(4, 6);
  });
});

describe("resampleMask", () => {
  it("leaves voxels outside unannotated", () => {
    const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    const from: Grid = { shape: [1, 1, 2], spacing: [1, 1, 1], affine };
    const grid: Grid = { ...from, shape: [1, 1, 3] };
    const mask = { shape: from.shape, classes: Uint8Array.of(1, 0) };
    expect([...resampleMask(mask, from, grid).classes]).toEqual([1, 0, 255]);
  });
});
