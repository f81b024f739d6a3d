import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spacingOf } from "./affine.ts";
import { type Affine, type Shape3, worldOf } from "./grid.ts";
import {
  axisCodes,
  canonicalTurn,
  canonicalVolume,
  isIdentity,
  type Plane,
} from "./orientation.ts";
import type { Volume } from "./volume.ts";

/** The 48 ways to store a volume: axis orders times directions. */
const storages = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
].flatMap((worlds) =>
  Array.from({ length: 8 }, (_, bits) => {
    const rows = [0, 1, 2].flatMap((world) => [
      ...worlds.map((to, column) => (to === world ? ((bits >> column) & 1 ? -1 : 1) : 0)),
      0,
    ]);
    const code = worlds
      .map((world, column) => (["RL", "AP", "SI"][world] as string)[(bits >> column) & 1])
      .join("");
    return { code, affine: rows as unknown as Affine };
  }),
);

/** A volume whose values are all different, tilted a little. */
function volumeStored(affine: Affine, shape: Shape3, tilt: number): Volume {
  const tilted = affine.map((value, index) =>
    index % 4 === 3 ? 10 * index : value * (1 + index / 10) + tilt * ((index % 3) - 1),
  ) as unknown as Affine;
  const voxels = Uint16Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, n) => n);
  return { shape, spacing: spacingOf(tilted), affine: tilted, voxels };
}

/** World position of every value. */
function places({ shape, affine, voxels }: Volume): Map<number, readonly number[]> {
  const [, heights, widths] = shape;
  return new Map(
    [...voxels].map((value, index) => {
      const depth = Math.floor(index / (heights * widths));
      const height = Math.floor(index / widths) % heights;
      return [value, worldOf(affine, depth, height, index % widths)];
    }),
  );
}

const canonicalCodes: Record<Plane, string> = { axial: "RAS", coronal: "RSA", sagittal: "ASR" };

describe("canonicalVolume", () => {
  it("knows 48 storages", () => {
    expect(new Set(storages.map(({ code }) => code)).size).toBe(48);
  });

  it.each(storages)("keeps every value of $code in its place", ({ code, affine }) => {
    const side = fc.integer({ min: 1, max: 4 });
    const tilt = fc.double({ min: -0.15, max: 0.15, noNaN: true });
    const planes = fc.constantFrom<Plane>("axial", "coronal", "sagittal");
    fc.assert(
      fc.property(fc.tuple(side, side, side), tilt, planes, (shape, tilted, plane) => {
        const stored = volumeStored(affine, shape, tilted);
        expect(axisCodes(stored.affine)).toBe(code);
        const canonical = canonicalVolume(stored, plane);
        expect(axisCodes(canonical.affine)).toBe(canonicalCodes[plane]);
        const before = places(stored);
        for (const [value, place] of places(canonical)) {
          place.forEach((mm, axis) => {
            expect(mm).toBeCloseTo((before.get(value) as readonly number[])[axis] as number, 8);
          });
        }
        expect(canonical.voxels).toHaveLength(stored.voxels.length);
        expect(canonical.spacing.toSorted()).toEqual(stored.spacing.toSorted());
      }),
      { numRuns: 20 },
    );
  });

  it("gives back a canonical volume itself", () => {
    const ras = volumeStored([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], [2, 3, 4], 0);
    expect(canonicalVolume(ras)).toBe(ras);
    const turned = canonicalVolume(
      volumeStored([0, 0, -2, 0, 3, 0, 0, 0, 0, -1, 0, 0], [2, 3, 4], 0),
    );
    expect(isIdentity(canonicalTurn(turned.affine))).toBe(true);
  });

  it("decides a tilt of 45 degrees always alike", () => {
    const half = Math.SQRT1_2;
    expect(axisCodes([half, -half, 0, 0, half, half, 0, 0, 0, 0, 1, 0])).toBe("RAS");
    expect(axisCodes([half, half, 0, 0, -half, half, 0, 0, 0, 0, 1, 0])).toBe("RAS");
  });
});
