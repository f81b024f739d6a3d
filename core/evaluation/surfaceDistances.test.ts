import { describe, expect, it } from "vitest";
import { hasShared, type ReferenceTensor, referenceSection } from "../../testing/reference.ts";
import type { Mask } from "../volume/volume.ts";
import { surfaceDistances } from "./surfaceDistances.ts";

interface Pair {
  readonly name: string;
  readonly spacing: readonly number[];
  readonly tolerances_mm: readonly number[];
  readonly tensors: { readonly pred: ReferenceTensor; readonly ref: ReferenceTensor };
  readonly std: {
    readonly hd: number | string;
    readonly hd95: number | string;
    readonly assd: number | string;
    readonly nsd: readonly (number | string)[];
  };
}

describe.skipIf(!hasShared)("surfaceDistances against the reference", () => {
  const section = hasShared ? referenceSection<{ cases: Partial<Pair>[] }>("metrics") : null;
  const pairs = (section?.manifest.cases ?? []).filter(
    (one): one is Pair => one.std?.hd95 !== undefined,
  );

  it("has pairs to compare", () => {
    expect(pairs.length).toBeGreaterThan(20);
  });

  it.each(pairs)("$name", ({ spacing, tolerances_mm, tensors, std }) => {
    const mask = (tensor: ReferenceTensor): Mask => ({
      shape: [...[1, 1, 1].slice(tensor.shape.length), ...tensor.shape] as unknown as Mask["shape"],
      classes: section?.get(tensor) as Uint8Array,
    });
    const spacing3 = [...[1, 1, 1].slice(spacing.length), ...spacing] as [number, number, number];
    const found = surfaceDistances(mask(tensors.pred), mask(tensors.ref), spacing3, tolerances_mm);
    if (std.hd95 === "NaN") {
      expect(found).toBeNull();
      return;
    }
    const close = (value: number | undefined, expected: number | string | undefined) => {
      if (expected === "Infinity") expect(value).toBe(Number.POSITIVE_INFINITY);
      else expect(value).toBeCloseTo(expected as number, 6);
    };
    close(found?.hd, std.hd);
    close(found?.hd95, std.hd95);
    close(found?.assd, std.assd);
    std.nsd.forEach((expected, k) => {
      close(found?.nsd[k], expected);
    });
  });
});
