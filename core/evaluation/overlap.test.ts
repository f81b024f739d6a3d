import { describe, expect, it } from "vitest";
import { hasShared, type ReferenceTensor, referenceSection } from "../../testing/reference.ts";
import type { Mask } from "../volume/volume.ts";
import { iouOf, overlapOf, pooled } from "./overlap.ts";

const mask = (...classes: number[]): Mask => ({
  shape: [1, 1, classes.length],
  classes: Uint8Array.from(classes),
});

describe("overlapOf", () => {
  it("counts both, prediction only and reference only", () => {
    expect(overlapOf(mask(1, 1, 0, 0, 1), mask(1, 0, 1, 0, 1))).toEqual({ tp: 2, fp: 1, fn: 1 });
  });

  it("does not count voxels nobody annotated", () => {
    expect(overlapOf(mask(1, 1, 0), mask(255, 1, 255))).toEqual({ tp: 1, fp: 0, fn: 0 });
  });

  it("looks at one class of several", () => {
    expect(overlapOf(mask(1, 2, 2), mask(2, 2, 1), 2)).toEqual({ tp: 1, fp: 1, fn: 1 });
  });

  it("refuses masks of different shape", () => {
    expect(() => overlapOf(mask(1), mask(1, 0))).toThrow("prediction must have the shape");
  });
});

describe("iouOf", () => {
  it.each([
    [{ tp: 2, fp: 1, fn: 1 }, 0.5],
    [{ tp: 0, fp: 0, fn: 3 }, 0],
    [{ tp: 0, fp: 0, fn: 0 }, null],
  ])("of %j is %d", (overlap, expected) => {
    expect(iouOf(overlap)).toBe(expected);
  });

  it("pools by summing before dividing", () => {
    const overlaps = [
      { tp: 1, fp: 0, fn: 0 },
      { tp: 0, fp: 5, fn: 4 },
    ];
    expect(iouOf(pooled(overlaps))).toBe(0.1);
  });
});

interface Pair {
  readonly name: string;
  readonly tensors: { readonly pred: ReferenceTensor; readonly ref: ReferenceTensor };
  readonly std: { tp: number; fp: number; fn: number; iou: number | "NaN" };
}

describe.skipIf(!hasShared)("against the reference metrics", () => {
  const section = hasShared ? referenceSection<{ cases: Partial<Pair>[] }>("metrics") : null;
  const pairs = (section?.manifest.cases ?? []).filter(
    (one): one is Pair =>
      one.std !== undefined && one.tensors?.pred !== undefined && !one.name?.startsWith("batched"),
  );

  it("has pairs to compare", () => {
    expect(pairs.length).toBeGreaterThan(20);
  });

  it.each(pairs)("counts and IoU of $name", ({ tensors, std }) => {
    const read = (tensor: ReferenceTensor): Mask => ({
      shape: [1, 1, 1],
      classes: section?.get(tensor) as Uint8Array,
    });
    const overlap = overlapOf(read(tensors.pred), read(tensors.ref));
    expect(overlap).toEqual({ tp: std.tp, fp: std.fp, fn: std.fn });
    const iou = iouOf(overlap);
    if (std.iou === "NaN") expect(iou).toBeNull();
    else expect(iou).toBeCloseTo(std.iou, 8);
  });
});
