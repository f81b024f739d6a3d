import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { writeNifti } from "../formats/writeNifti.ts";
import { spacingOf } from "../volume/affine.ts";
import type { Affine, Shape3 } from "../volume/grid.ts";
import { turnedVolume } from "../volume/orientation.ts";
import type { Volume, VoxelArray } from "../volume/volume.ts";
import { isUsable } from "./cohort.ts";
import { readCase } from "./readCase.ts";

const pair = { id: "a", patient: "P1", image: "a.nii", mask: "a_seg.nii" };
const ras: Affine = [1, 0, 0, -5, 0, 1.5, 0, 7, 0, 0, 3, 2];

function volume(shape: Shape3, voxels: VoxelArray, affine = ras): Volume {
  return { shape, spacing: spacingOf(affine), affine, voxels };
}

const shape = [2, 3, 4] as const;
const ramp = () => Int16Array.from({ length: 24 }, (_, n) => n * 10 - 50);
const spots = () =>
  Uint8Array.from({ length: 24 }, (_, n) => (n % 5 === 0 ? 1 : n % 7 === 0 ? 3 : 0));
const image = volume(shape, ramp());
const mask = volume(shape, spots());
const read = (one: Volume, other: Volume | null) =>
  readCase(other ? pair : { ...pair, mask: null }, {
    image: writeNifti(one),
    mask: other && writeNifti(other),
  });
const moved = (mm: number): Affine => [1, 0, 0, -5 + mm, 0, 1.5, 0, 7, 0, 0, 3, 2];

describe("readCase", () => {
  it("says what a case holds", () => {
    const reading = read(image, mask);
    expect(reading.summary).toEqual({
      id: "a",
      patient: "P1",
      imagePath: "a.nii",
      maskPath: "a_seg.nii",
      shape,
      spacing: [3, 1.5, 1],
      orientation: { stored: "RAS", canonical: "RAS" },
      dataType: "int16",
      intensity: { min: -50, max: 180, mean: 65 },
      labels: [
        { label: 1, voxels: 5 },
        { label: 3, voxels: 3 },
      ],
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      problems: [],
    });
    expect(isUsable(reading.summary)).toBe(true);
    expect(reading.image?.voxels).toEqual(image.voxels);
    expect(reading.labels?.voxels).toEqual(mask.voxels);
  });

  it("finds the same case in files with other axes, gzip or not", () => {
    const turn = { from: [2, 0, 1], flipped: [true, false, true] } as const;
    const other = { from: [1, 0, 2], flipped: [false, true, true] } as const;
    const expected = read(image, mask);
    const turned = readCase(pair, {
      image: gzipSync(writeNifti(turnedVolume(image, turn))),
      mask: writeNifti(turnedVolume(mask, other)),
    });
    expect(turned.summary.orientation?.stored).not.toBe("RAS");
    expect(turned.summary).toEqual({
      ...expected.summary,
      orientation: { stored: turned.summary.orientation?.stored, canonical: "RAS" },
    });
    expect(turned.labels).toEqual(expected.labels);
  });

  it("changes its fingerprint with any voxel, place and mask", () => {
    const print = (one: Volume, other: Volume | null) => read(one, other).summary.fingerprint;
    const prints = [
      print(image, mask),
      print(image, null),
      print(volume(shape, ramp().fill(7, 3, 4)), mask),
      print(image, volume(shape, spots().fill(2, 3, 4))),
      print(volume(shape, ramp(), moved(1)), volume(shape, spots(), moved(1))),
      print(volume([3, 2, 4], ramp()), volume([3, 2, 4], spots())),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    expect(print(image, mask)).toBe(prints[0]);
  });

  it.each([
    { name: "rounding", mm: 5e-4, severity: null },
    { name: "half a voxel", mm: 0.5, severity: "warning" },
    { name: "two voxels", mm: 2, severity: "error" },
  ])("judges a mask that lies $mm mm off ($name)", ({ mm, severity }) => {
    const { summary, labels } = read(image, volume(shape, spots(), moved(mm)));
    expect(summary.problems.map((problem) => problem.severity)).toEqual(severity ? [severity] : []);
    expect(labels === null).toBe(severity === "error");
    expect(isUsable(summary)).toBe(severity !== "error");
  });

  const flat = volume(shape, new Uint8Array(24));
  const withValue = (value: number) => volume(shape, Float32Array.from(spots()).fill(value, 3, 4));
  it.each([
    {
      name: "a mask of another shape",
      one: image,
      other: volume([2, 3, 3], new Uint8Array(18).fill(1)),
      severity: "error",
      words:
        "mask must lie on the grid of its image, got 3 x 3 x 2 voxels of 1 x 1.5 x 3 mm for the " +
        "mask and 4 x 3 x 2 voxels of 1 x 1.5 x 3 mm for the image; resample the mask to the image",
    },
    {
      name: "a mask on a coarser grid",
      one: image,
      other: volume(
        [1, 2, 2],
        new Uint8Array(4).fill(1),
        [2, 0, 0, -4.5, 0, 2, 0, 7.5, 0, 0, 5, 3],
      ),
      severity: "warning",
      words: "mask lay on another grid (2 x 2 x 1 voxels) and was resampled to its image",
    },
    {
      name: "a mirrored mask",
      one: image,
      other: volume(shape, spots(), [-1, 0, 0, -5, 0, 1.5, 0, 7, 0, 0, 3, 2]),
      severity: "error",
      words: "for the image; equal voxels lie up to 6 mm apart; resample the mask to the image",
    },
    {
      name: "no foreground",
      one: image,
      other: flat,
      severity: "warning",
      words: "mask has no foreground: every voxel is 0",
    },
    {
      name: "a fraction",
      one: image,
      other: withValue(0.5),
      severity: "error",
      words: "mask must hold labels, integers from 0 to 65535, got 0.5; is it an image?",
    },
    {
      name: "a negative label",
      one: image,
      other: withValue(-1),
      severity: "error",
      words: "got -1; is it an image?",
    },
    {
      name: "NaN in a mask",
      one: image,
      other: withValue(Number.NaN),
      severity: "error",
      words: "got NaN; is it an image?",
    },
    {
      name: "a flat image",
      one: volume(shape, new Int16Array(24).fill(9)),
      other: mask,
      severity: "warning",
      words: "every voxel of the image is 9: there is nothing to see in it",
    },
    {
      name: "NaN in an image",
      one: withValue(Number.NaN),
      other: mask,
      severity: "warning",
      words: "1 voxels of the image are not finite numbers; they count as 0",
    },
  ])("says in words: $name", ({ one, other, severity, words }) => {
    const { summary } = read(one, other);
    expect(summary.problems).toHaveLength(1);
    expect(summary.problems[0]?.severity).toBe(severity);
    expect(summary.problems[0]?.message).toContain(words);
  });

  it("doubts a mask of very many labels", () => {
    const many = Uint16Array.from({ length: 24 * 20 }, (_, n) => n);
    const long = [2, 3, 80] as const;
    const { summary } = read(volume(long, many), volume(long, many));
    expect(summary.problems[0]?.message).toBe("mask has 479 different labels; is it an image?");
  });

  it("takes the place of the file that has one", () => {
    const unplaced = writeNifti(mask);
    const view = new DataView(unplaced.buffer);
    view.setInt16(252, 0, true);
    view.setInt16(254, 0, true);
    const { summary, labels } = readCase(pair, { image: writeNifti(image), mask: unplaced });
    expect(labels?.affine).toEqual(image.affine);
    expect(summary.problems.map(({ message }) => message)).toEqual([
      "the mask's file does not say how it lies in space; it is taken to lie as its image does",
    ]);
  });

  it("keeps the image when its mask is broken, and says so of the mask", () => {
    const cut = gzipSync(writeNifti(mask)).slice(0, 60);
    const {
      summary,
      image: kept,
      labels,
    } = readCase(pair, { image: writeNifti(image), mask: cut });
    expect(kept).not.toBeNull();
    expect(labels).toBeNull();
    expect(isUsable(summary)).toBe(false);
    expect(summary.problems).toEqual([
      {
        severity: "error",
        message: expect.stringMatching(/^gzip data ends early/),
        paths: ["a_seg.nii"],
      },
    ]);
  });

  it("keeps a row for a case whose image is broken or whose mask was not there", () => {
    const broken = readCase(pair, { image: new Uint8Array(9), mask: writeNifti(mask) });
    expect(broken.summary).toMatchObject({ id: "a", shape: null, fingerprint: null });
    expect(broken.summary.problems[0]).toMatchObject({ severity: "error", paths: ["a.nii"] });
    const missing = readCase(pair, { image: writeNifti(image), mask: null });
    expect(isUsable(missing.summary)).toBe(false);
    expect(missing.summary.problems[0]?.message).toBe("the mask's file could not be read");
  });

  it("reads labels above 255", () => {
    const { summary, labels } = read(image, withValue(300));
    expect(labels?.voxels).toBeInstanceOf(Uint16Array);
    expect(summary.labels.at(-1)).toEqual({ label: 300, voxels: 1 });
  });
});
