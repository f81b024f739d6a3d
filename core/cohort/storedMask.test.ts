import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Affine } from "../volume/grid.ts";
import { canonicalTurn, turnedGrid, turnedVoxels } from "../volume/orientation.ts";
import { storedMask } from "./storedMask.ts";

describe("storedMask", () => {
  it("undoes the turn to canonical axes, from any orientation", () => {
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    const signs = fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(-1, 1)));
    fc.assert(
      fc.property(order, signs, (axes, flips) => {
        const affine = Array<number>(12).fill(0);
        axes.forEach((world, column) => {
          affine[4 * world + column] = (flips[column] ?? 1) * (column + 1);
        });
        const shape = [2, 3, 4] as const;
        const grid = { shape, spacing: [3, 2, 1] as const, affine: affine as unknown as Affine };
        const classes = Uint8Array.from({ length: 24 }, (_, index) => index);
        const turn = canonicalTurn(grid.affine);
        const canonical = {
          shape: turnedGrid(grid, turn).shape,
          classes: turnedVoxels(classes, shape, turn),
        };
        expect(storedMask(canonical, grid)).toEqual({ shape, classes });
      }),
    );
  });

  it("refuses the mask of another image", () => {
    const grid = {
      shape: [2, 3, 4] as const,
      spacing: [1, 1, 1] as const,
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const,
    };
    expect(() => storedMask({ shape: [1, 3, 4], classes: new Uint8Array(12) }, grid)).toThrow(
      "mask must have the shape of its image [2, 3, 4], got [1, 3, 4]",
    );
  });
});
