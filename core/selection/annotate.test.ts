import { describe, expect, it } from "vitest";
import { type Case, UNANNOTATED } from "../volume/volume.ts";
import { annotate } from "./annotate.ts";

const one: Case = {
  id: "a",
  patient: "p",
  image: {
    shape: [3, 1, 2],
    spacing: [1, 1, 1],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
    voxels: new Float32Array(6),
  },
  mask: { shape: [3, 1, 2], classes: Uint8Array.of(0, 1, 1, 1, 0, 0) },
};

describe("annotate", () => {
  it("reveals the selected slices and blanks all others", () => {
    const { known, annotated } = annotate(one, [1]);
    const u = UNANNOTATED;
    expect([...known.classes]).toEqual([u, u, 1, 1, u, u]);
    expect(annotated).toEqual([1]);
  });

  it("leaves the case as it was", () => {
    annotate(one, []);
    expect([...one.mask.classes]).toEqual([0, 1, 1, 1, 0, 0]);
  });

  it.each([[[3]], [[-1]], [[1, 1]], [[2, 0]], [[0.5]]])("refuses the slices %j", (selected) => {
    expect(() => annotate(one, selected)).toThrow(
      `selected slices must be ascending indices in 0..2, got [${selected.join(", ")}]`,
    );
  });
});
