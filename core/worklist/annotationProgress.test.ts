import { describe, expect, it } from "vitest";
import { readNifti } from "../formats/nifti.ts";
import type { Affine, Grid } from "../volume/grid.ts";
import type { Volume } from "../volume/volume.ts";
import { annotationProgress } from "./annotationProgress.ts";
import { nnunetSkeleton } from "./nnunetSkeleton.ts";
import { worklistOf } from "./worklist.ts";

const axial: Grid = {
  shape: [5, 4, 3],
  spacing: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
};
/** Slices along i. */
const turned: Grid = {
  ...axial,
  shape: [3, 4, 5],
  affine: [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0] as Affine,
};
const list = worklistOf("plan", "liver", [
  { id: "a", path: "a.nii.gz", grid: axial, depths: [1, 3], reason: "" },
  { id: "b", path: "b.nii.gz", grid: turned, depths: [0, 2, 4], reason: "" },
]);
const skeletons = new Map(
  nnunetSkeleton(list).flatMap(({ path, content }) =>
    typeof content === "string" ? [] : [[path.slice(9, 10), readNifti(content).volume] as const],
  ),
);
const maskOf = (id: string, draw: readonly number[]): Volume => {
  const { voxels, ...grid } = skeletons.get(id) as Volume;
  const drawn = Uint8Array.from(voxels);
  for (const index of draw) drawn[index] = 1;
  return { ...grid, voxels: drawn };
};

describe("annotationProgress", () => {
  it("finds nothing drawn in skeletons that come back untouched", () => {
    const found = annotationProgress(list, (id) => maskOf(id, []));
    expect(found).toMatchObject({ planned: 5, drawn: 0, empty: 5, missing: 0, unplanned: 0 });
  });

  it("counts planned, unplanned and missing slices along each file's own axis", () => {
    // Of a slices 1 and 2; of b the slice i = 4.
    const found = annotationProgress(list, (id) =>
      id === "a" ? maskOf("a", [12, 13, 24]) : maskOf("b", [4]),
    );
    expect(found.cases[0]).toEqual({
      id: "a",
      planned: 2,
      drawn: 1,
      empty: 1,
      unplanned: 1,
      cameBack: true,
    });
    expect(found.cases[1]).toMatchObject({ drawn: 1, empty: 2, unplanned: 0 });
    const half = annotationProgress(list, (id) => (id === "a" ? maskOf("a", [12]) : null));
    expect(half).toMatchObject({ planned: 5, drawn: 1, empty: 1, missing: 3 });
  });

  it("refuses a mask of another shape", () => {
    expect(() => annotationProgress(list, () => maskOf("b", []))).toThrow(
      "mask of a must have the shape of its image [5, 4, 3], got [3, 4, 5]",
    );
  });
});
