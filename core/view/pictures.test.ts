import { describe, expect, it } from "vitest";
import type { Affine, Grid } from "../volume/grid.ts";
import { nextChosen, unionOf } from "./chosenSlices.ts";
import { maskDifference } from "./maskDifference.ts";
import { planeAcross } from "./planes.ts";
import { thumbnailOf } from "./thumbnail.ts";
import { autoWindow, greyOf, percentilesOf, windowPresets } from "./windows.ts";

const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

describe("windows", () => {
  const ramp = Int16Array.from({ length: 1001 }, (_, index) => index);

  it("clip the darkest and the brightest hundredth by themselves", () => {
    expect(autoWindow(percentilesOf(ramp))).toEqual({ lower: 10, upper: 990 });
  });

  it("are those of CT where there is air, shares of the intensities otherwise", () => {
    const ct = percentilesOf(ramp.map((value) => value - 1000));
    expect(windowPresets(ct).map(({ name, window }) => [name, window.lower, window.upper])).toEqual(
      [
        ["Soft tissue", -160, 240],
        ["Lung", -1350, 150],
        ["Liver", 15, 165],
        ["Bone", -770, 1730],
        ["Brain", 0, 80],
      ],
    );
    expect(windowPresets(percentilesOf(ramp))[3]?.window).toEqual({ lower: 0, upper: 500 });
  });

  it("survive volumes of one value and voxels that are no numbers", () => {
    expect(autoWindow(percentilesOf(new Uint8Array(9)))).toEqual({ lower: -0.5, upper: 0.5 });
    expect(autoWindow(percentilesOf(Float32Array.of(Number.NaN)))).toEqual({
      lower: -0.5,
      upper: 0.5,
    });
    // One bright voxel of many lies outside every share but is what there is to see.
    const dot = new Uint8Array(1000);
    dot[7] = 200;
    expect(autoWindow(percentilesOf(dot))).toEqual({ lower: 0, upper: 200 });
  });

  it("map intensities to greys", () => {
    const window = { lower: 100, upper: 200 };
    expect([50, 100, 150, 200, 300].map((value) => greyOf(value, window))).toEqual([
      0, 0, 128, 255, 255,
    ]);
    expect(greyOf(Number.NaN, window)).toBe(0);
  });
});

describe("differences of masks", () => {
  it("tell agreement from what only one has", () => {
    const first = Uint8Array.of(0, 1, 1, 0, 2);
    const second = Uint8Array.of(0, 1, 0, 1, 1);
    expect([...maskDifference(first, second)]).toEqual([0, 1, 2, 3, 2]);
  });

  it("need masks of one size", () => {
    expect(() => maskDifference(new Uint8Array(2), new Uint8Array(3))).toThrow(
      "masks to compare must have equally many voxels, got 2 and 3",
    );
  });
});

describe("thumbnails", () => {
  // A slice of 2 x 4 voxels, 2 mm high and 1 mm wide: a square on the screen.
  const grid: Grid = { shape: [1, 2, 4], spacing: [1, 2, 1], affine: [...affine] as never };
  const image = Uint8Array.of(0, 0, 0, 100, 0, 0, 0, 0);
  const window = { lower: 0, upper: 100 };

  it("keep true proportions and lie as the planes do", () => {
    const mask = new Uint8Array(8);
    mask[4] = 3;
    const { width, height, rgba } = thumbnailOf(
      { grid, image, mask, window },
      planeAcross(affine, 0),
      0,
      4,
    );
    expect([width, height]).toEqual([4, 4]);
    const pixel = (x: number, y: number) => [
      ...rgba.subarray((y * 4 + x) * 4, (y * 4 + x) * 4 + 4),
    ];
    // Most right (w 3) is on the left of the screen; most posterior (h 0) at the bottom.
    expect(pixel(0, 3)).toEqual([255, 255, 255, 255]);
    expect(pixel(1, 3)).toEqual([0, 0, 0, 255]);
    // The mask's voxel, h 1 and w 0, at the upper right: 45 % of its colour over black.
    expect(pixel(3, 0)).toEqual([115, 63, 0, 255]);
  });
});

describe("chosen slices", () => {
  it("are jumped between, and the last one stays", () => {
    const chosen = [3, 8, 20];
    expect([0, 3, 5, 8, 20].map((slice) => nextChosen(chosen, slice, 1))).toEqual([
      3, 8, 8, 20, 20,
    ]);
    expect([0, 3, 5, 21].map((slice) => nextChosen(chosen, slice, -1))).toEqual([0, 3, 3, 20]);
  });

  it("of several strategies join", () => {
    expect(unionOf([[4, 9], [1, 9], []])).toEqual([1, 4, 9]);
  });
});
