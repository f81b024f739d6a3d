import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spacingOf } from "../volume/affine.ts";
import type { Affine, Grid } from "../volume/grid.ts";
import { worldOf } from "../volume/grid.ts";
import { canonicalTurn, turnedVolume } from "../volume/orientation.ts";
import { sliceCount, worklistOf } from "./worklist.ts";

const gridOf = (shape: Grid["shape"], affine: Affine): Grid => ({
  shape,
  affine,
  spacing: spacingOf(affine),
});
const axial = gridOf([10, 6, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, -5]);

/** All 48 ways to lay three voxel axes along the world's. */
const orientations = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
].flatMap((order) =>
  Array.from({ length: 8 }, (_, bits) => {
    const affine = new Array<number>(12).fill(0);
    order.forEach((world, column) => {
      affine[world * 4 + column] = (bits >> column) & 1 ? -(column + 1) : column + 1;
    });
    return gridOf([5, 6, 7], affine as unknown as Affine);
  }),
);

describe("worklistOf", () => {
  it("says where a slice lies in the file and in the world", () => {
    const list = worklistOf("plan", "liver", [
      { id: "a", path: "a.nii.gz", grid: axial, depths: [0, 4, 9], reason: "every 4th" },
    ]);
    expect(sliceCount(list)).toBe(3);
    expect(list.cases[0]?.slices[1]).toEqual({
      depth: 4,
      axis: "k",
      index0: 4,
      index1: 5,
      center: [1.5, 2.5, 3],
      positionMm: 3,
      priority: 1,
      reason: "every 4th",
    });
  });

  it("finds the same voxels in the file, however it is stored", () => {
    for (const grid of orientations) {
      const voxels = Float64Array.from({ length: 210 }, (_, index) => {
        const [, height, width] = grid.shape;
        const k = Math.floor(index / (height * width));
        const j = Math.floor(index / width) % height;
        return worldOf(grid.affine, k, j, index % width)[2];
      });
      const canonical = turnedVolume({ ...grid, voxels }, canonicalTurn(grid.affine));
      const depths = Array.from({ length: canonical.shape[0] }, (_, k) => k);
      const [one] = worklistOf("p", "t", [{ id: "a", path: "a", grid, depths, reason: "" }]).cases;
      const size = canonical.shape[1] * canonical.shape[2];
      for (const slice of one?.slices ?? []) {
        // Every voxel of an axial slice has the superior coordinate that the list gives.
        expect(canonical.voxels[slice.depth * size]).toBeCloseTo(slice.positionMm, 9);
        const axis = { k: 0, j: 1, i: 2 }[slice.axis];
        const voxel = [0, 0, 0];
        voxel[axis] = slice.index0;
        const [k = 0, j = 0, i = 0] = voxel;
        expect(worldOf(grid.affine, k, j, i)[2]).toBeCloseTo(slice.positionMm, 9);
      }
    }
  });

  it("gives every slice a priority of its own, first one of each case", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), {
          minLength: 1,
        }),
        (picks) => {
          const { cases } = worklistOf(
            "p",
            "t",
            picks.map((depths, k) => ({
              id: `${k}`,
              path: "",
              grid: axial,
              depths: [...depths].sort((a, b) => a - b),
              reason: "",
            })),
          );
          const all = cases.flatMap(({ slices }) => slices.map(({ priority }) => priority));
          expect([...all].sort((a, b) => a - b)).toEqual(all.map((_, k) => k + 1));
          const firsts = cases.map(({ slices }) => Math.min(...slices.map((one) => one.priority)));
          expect(firsts).toEqual(cases.map((_, k) => k + 1));
        },
      ),
    );
  });

  it("orders the slices of a case from the middle to the farthest", () => {
    const [one] = worklistOf("p", "t", [
      { id: "a", path: "", grid: axial, depths: [0, 2, 4, 6, 8], reason: "" },
    ]).cases;
    expect(one?.slices.map(({ priority }) => priority)).toEqual([2, 4, 1, 5, 3]);
  });

  it("makes file names that are safe and unique", () => {
    const names = worklistOf(
      "p",
      "t",
      ["a/b", "a_b", "A/B", "../x", "é"].map((id) => ({
        id,
        path: "",
        grid: axial,
        depths: [0],
        reason: "",
      })),
    ).cases.map(({ fileName }) => fileName);
    expect(names).toEqual(["a_b", "a_b-2", "A_B-3", "__x", "_"]);
  });
});
