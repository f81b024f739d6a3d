import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Affine, Shape3 } from "./grid.ts";
import { canonicalVolume, turnedVolume } from "./orientation.ts";
import { canonicalInPlace } from "./turnInPlace.ts";

const affine: Affine = [0.8, 0, 0, 3, 0, 1.2, 0, 4, 0, 0, 2.5, 5];
const side = fc.integer({ min: 1, max: 5 });
const flag = fc.boolean();
const orders = [
  [0, 1, 2],
  [2, 0, 1],
  [1, 0, 2],
] as const;

describe("canonicalInPlace", () => {
  it("gives what turning a copy gives, whatever runs backwards", () => {
    const order = fc.constantFrom(...orders);
    fc.assert(
      fc.property(
        fc.tuple(side, side, side),
        order,
        fc.tuple(flag, flag, flag),
        (sides, from, flipped) => {
          const shape: Shape3 = sides;
          const count = shape[0] * shape[1] * shape[2];
          const plain = {
            shape,
            spacing: [2.5, 1.2, 0.8] as const,
            affine,
            voxels: Int16Array.from({ length: count }, (_, index) => index),
          };
          const stored = turnedVolume(plain, { from, flipped });
          const own = { ...stored, voxels: stored.voxels.slice() };
          expect(canonicalInPlace(own)).toEqual(canonicalVolume(stored));
        },
      ),
    );
  });
});
