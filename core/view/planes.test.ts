import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spacingOf } from "../volume/affine.ts";
import { type Affine, type Grid, worldOf } from "../volume/grid.ts";
import {
  edgeLetters,
  planeAcross,
  planeAxes,
  planeNames,
  pointOfVoxel,
  positionText,
  slicePosition,
  type Voxel,
  voxelAt,
} from "./planes.ts";
import { sliceWalk } from "./sliceWalk.ts";

/** The affine whose array axes i, j, k run along these letters, 1, 2 and 3 mm long. */
function affineOf(letters: string): Affine {
  const columns = [...letters].map((letter, column) => {
    const world = ["RL", "AP", "SI"].findIndex((pair) => pair.includes(letter));
    const sign = "RAS".includes(letter) ? 1 : -1;
    return [0, 1, 2].map((row) => (row === world ? sign * (column + 1) : 0));
  });
  const row = (r: number) => [...columns.map((column) => column[r] as number), 10 * (r + 1)];
  return [...row(0), ...row(1), ...row(2)] as unknown as Affine;
}

const gridOf = (letters: string): Grid => {
  const affine = affineOf(letters);
  return { shape: [4, 5, 6], spacing: spacingOf(affine), affine };
};

/** Letters of all 48 ways to store a volume. */
const orientations = ["RAS", "RSA", "ARS", "ASR", "SRA", "SAR"].flatMap((order) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((flips) =>
    [...order]
      .map((letter, at) => (flips & (1 << at) ? { R: "L", A: "P", S: "I" }[letter] : letter))
      .join(""),
  ),
);

describe("planes of a grid", () => {
  it("lie as radiologists look at them, however the array is stored", () => {
    for (const letters of orientations) {
      const { affine } = gridOf(letters);
      const shown = (plane: "axial" | "coronal" | "sagittal") =>
        edgeLetters(affine, planeAxes(affine, plane));
      expect(shown("axial"), letters).toEqual({ left: "R", right: "L", top: "A", bottom: "P" });
      expect(shown("coronal"), letters).toEqual({ left: "R", right: "L", top: "S", bottom: "I" });
      expect(shown("sagittal"), letters).toEqual({ left: "A", right: "P", top: "S", bottom: "I" });
    }
  });

  it("show one body, however the array is stored", () => {
    // The voxel at the upper left of the axial plane is the most right and anterior one.
    for (const letters of orientations) {
      const grid = gridOf(letters);
      for (const plane of planeNames) {
        const axes = planeAxes(grid.affine, plane);
        const corner = (across: number, down: number) =>
          worldOf(grid.affine, ...voxelAt(grid, axes, 1, [across, down]));
        const [first, last] = [corner(0, 0), corner(1e6, 1e6)];
        const [acrossWorld, downWorld] = { axial: [0, 1], coronal: [0, 2], sagittal: [1, 2] }[
          plane
        ] as [0 | 1, 1 | 2];
        expect(first[acrossWorld], letters).toBeGreaterThan(last[acrossWorld]);
        expect(first[downWorld], letters).toBeGreaterThan(last[downWorld]);
      }
    }
  });

  it("name both directions at an oblique edge, the nearer first", () => {
    const tilt = (degrees: number): Affine => {
      const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
      return [c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0];
    };
    expect(edgeLetters(tilt(23), planeAxes(tilt(23), "axial"))).toEqual({
      left: "RA",
      right: "LP",
      top: "AL",
      bottom: "PR",
    });
    expect(edgeLetters(tilt(10), planeAxes(tilt(10), "axial")).left).toBe("R");
  });

  it("give back the voxel that was shown", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...orientations),
        fc.constantFrom(...planeNames),
        fc.tuple(fc.nat(3), fc.nat(4), fc.nat(5)),
        (letters, plane, voxel) => {
          const grid = gridOf(letters);
          const axes = planeAxes(grid.affine, plane);
          const point = pointOfVoxel(grid, axes, voxel as Voxel);
          expect(voxelAt(grid, axes, voxel[axes.fixed] as number, point)).toEqual(voxel);
          const walk = sliceWalk(grid.shape, axes, voxel[axes.fixed] as number);
          const column = Math.floor(point[0] / grid.spacing[axes.across]);
          const row = Math.floor(point[1] / grid.spacing[axes.down]);
          const index = (voxel[0] * 5 + voxel[1]) * 6 + voxel[2];
          expect(walk.start + column * walk.column + row * walk.row).toBe(index);
        },
      ),
    );
  });

  it("place slices in mm by the affine", () => {
    const grid = gridOf("RAS");
    expect(slicePosition(grid, planeAxes(grid.affine, "axial"), 2)).toBe(30 + 2 * 3);
    expect(slicePosition(grid, planeAxes(grid.affine, "sagittal"), 2)).toBe(10 + 2);
    const flipped = gridOf("LPI");
    expect(slicePosition(flipped, planeAxes(flipped.affine, "axial"), 2)).toBe(30 - 2 * 3);
    expect(positionText("axial", -3.25)).toBe("I 3.3 mm");
    expect(positionText("coronal", 3)).toBe("A 3.0 mm");
  });

  it("find the plane that an axis is stacked in", () => {
    expect(planeAcross(affineOf("RAS"), 0).plane).toBe("axial");
    expect(planeAcross(affineOf("RSA"), 0).plane).toBe("coronal");
    expect(planeAcross(affineOf("ASR"), 0).plane).toBe("sagittal");
  });
});
