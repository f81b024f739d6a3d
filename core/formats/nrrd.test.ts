import { readFileSync } from "node:fs";
import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { worldOf } from "../volume/grid.ts";
import { axisCodes } from "../volume/orientation.ts";
import { readNifti } from "./nifti.ts";
import { nrrdDataFile, readNrrd } from "./nrrd.ts";

const file = (path: string) => new Uint8Array(readFileSync(`${sharedFolder}data/${path}`));

const nrrd = (lines: Record<string, string>, data: Uint8Array, keys = "") => {
  const fields = {
    type: "short",
    dimension: "3",
    space: "left-posterior-superior",
    sizes: "3 2 1",
    "space directions": "(0.5,0,0) (0,2,0) (0,0,3)",
    "space origin": "(10,20,30)",
    encoding: "raw",
    endian: "little",
    ...lines,
  };
  const text = Object.entries(fields)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}\n`);
  const header = Buffer.from(`NRRD0005\n# a comment\n${text.join("")}${keys}\n`);
  return new Uint8Array(Buffer.concat([header, data]));
};
const shorts = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);
const six = shorts(1, 2, 3, 4, 5, -6);

describe("readNrrd", () => {
  it.each([
    ["left-posterior-superior", [-0.5, 0, 0, -10, 0, -2, 0, -20, 0, 0, 3, 30]],
    ["LPS", [-0.5, 0, 0, -10, 0, -2, 0, -20, 0, 0, 3, 30]],
    ["right-anterior-superior", [0.5, 0, 0, 10, 0, 2, 0, 20, 0, 0, 3, 30]],
    ["left-anterior-superior", [-0.5, 0, 0, -10, 0, 2, 0, 20, 0, 0, 3, 30]],
  ])("turns %s into RAS", (space, affine) => {
    const { volume, notes } = readNrrd(nrrd({ space }, six));
    expect(volume.shape).toEqual([1, 2, 3]);
    expect(volume.affine).toEqual(affine);
    expect([...volume.voxels]).toEqual([1, 2, 3, 4, 5, -6]);
    expect(notes).toEqual([]);
  });

  it.each([
    ["gzip", nrrd({ encoding: "gzip" }, gzipSync(six))],
    ["ascii", nrrd({ encoding: "ASCII", endian: "" }, Buffer.from("1 2 3\n4 5 -6\n"))],
    ["big-endian", nrrd({ endian: "big" }, new Uint8Array(Buffer.from(six).swap16()))],
    ["the last bytes", nrrd({ "byte skip": "-1" }, Buffer.concat([Buffer.from("xxx"), six]))],
    [
      "lines to skip",
      nrrd({ "line skip": "2", encoding: "txt" }, Buffer.from("a\nb\n1,2,3,4,5,-6")),
    ],
  ])("reads %s", (_, bytes) => {
    expect([...readNrrd(bytes).volume.voxels]).toEqual([1, 2, 3, 4, 5, -6]);
  });

  it("reads a detached header", () => {
    const header = nrrd({ "data file": "scan.raw" }, new Uint8Array());
    expect(nrrdDataFile(header)).toBe("scan.raw");
    expect([...readNrrd(header, { data: six }).volume.voxels]).toEqual([1, 2, 3, 4, 5, -6]);
    expect(() => readNrrd(header)).toThrow("keeps its voxels in scan.raw; give both files");
  });

  it.each([
    {
      at: "first",
      sizes: "2 3 1 1",
      "space directions": "none (1,0,0) (0,1,0) (0,0,1)",
      expected: [2, 4, -6],
    },
    {
      at: "in the middle",
      sizes: "3 2 1 1",
      "space directions": "(1,0,0) none (0,1,0) (0,0,1)",
      expected: [4, 5, -6],
    },
    {
      at: "last",
      sizes: "3 1 1 2",
      "space directions": "(1,0,0) (0,1,0) (0,0,1) none",
      expected: [4, 5, -6],
    },
  ])("reads a volume of a series whose axis is $at", ({ expected, ...fields }) => {
    const bytes = nrrd({ dimension: "4", ...fields, at: "" }, six);
    const { volume, frames } = readNrrd(bytes, { frame: 1 });
    expect(frames).toBe(2);
    expect([...volume.voxels]).toEqual(expected);
    expect(() => readNrrd(bytes)).toThrow("file must hold one volume, got 2");
  });

  it("takes spacings where there is no space, and says so", () => {
    const fields = { space: "", "space directions": "", "space origin": "" };
    const { volume, notes } = readNrrd(nrrd({ ...fields, spacings: "2 NaN 4" }, six));
    expect(volume.affine).toEqual([2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0]);
    expect(notes.join()).toContain("does not say how it lies in space");
  });

  it("reads segments", () => {
    const keys =
      "Segment0_ID:=Segment_1\nSegment0_Name:=liver\nSegment0_LabelValue:=3\n" +
      "Segment1_ID:=Segment_2\nSegment1_Name:=spine\nSegment1_LabelValue:=1\nSegment1_Layer:=1\n";
    expect(readNrrd(nrrd({}, six, keys)).segments).toEqual([
      { label: 3, name: "liver", layer: 0 },
      { label: 1, name: "spine", layer: 1 },
    ]);
  });

  it.each([
    [{ sizes: "3 2 9" }, "NRRD data ends early"],
    [{ sizes: "3 2 -1" }, "sizes must be 2 to 4 positive integers"],
    [{ sizes: "3 2" }, "sizes must be 2 to 4 positive integers"],
    [{ sizes: "99999999 99999999 99999999" }, "NRRD data ends early"],
    [{ sizes: "99999999 99999999 99999999", encoding: "ascii" }, "text must hold"],
    [{ type: "block" }, "got type block"],
    [{ type: "" }, "NRRD header: type must be there, got none"],
    [{ endian: "" }, "endian must be little or big"],
    [{ encoding: "bzip2" }, "NRRD encoding must be raw, gzip or ascii, got bzip2"],
    [{ encoding: "gzip" }, "file must be gzip data"],
    [{ encoding: "ascii" }, "voxel 0 must be a number"],
    [{ "space directions": "(0,0,0) (0,2,0) (0,0,3)" }, "directions must give voxels a volume"],
    [{ "space directions": "(nan,0,0) (0,2,0) (0,0,3)" }, "must be finite numbers"],
    [{ "space directions": "(1,0,0) (0,2,0)" }, "space directions must be 3 vectors"],
    [{ "data file": "LIST" }, "NRRD data must stand in one file"],
  ])("refuses %o", (lines, words) => {
    expect(() => readNrrd(nrrd(lines, six))).toThrow(words);
  });

  it("refuses colours", () => {
    const lines = {
      dimension: "4",
      sizes: "3 2 1 1",
      kinds: "RGB-color domain domain domain",
      "space directions": "none (1,0,0) (0,1,0) (0,0,1)",
    };
    expect(() => readNrrd(nrrd(lines, six))).toThrow("got RGB-color");
  });
});

describe.skipIf(!hasShared)("readNrrd on files from the wild", () => {
  it("holds the array and the place of its NIfTI twin", () => {
    const { volume } = readNrrd(file("nrrd/niivue_FLAIR.nrrd"));
    const twin = readNifti(file("headers/niivue_FLAIR.nii.gz")).volume;
    expect(volume.shape).toEqual(twin.shape);
    expect(Buffer.compare(volume.voxels as Uint8Array, twin.voxels as Uint8Array)).toBe(0);
    volume.affine.forEach((value, index) => {
      expect(value).toBeCloseTo(twin.affine[index] as number, 4);
    });
  });

  it.each(["raw", "gzip", "ascii", "bigendian_raw"])("reads the same 27 voxels from %s", (name) => {
    const { volume } = readNrrd(file(`nrrd/encodings/test3d_${name}.nrrd`));
    expect([...volume.voxels]).toEqual(Array.from({ length: 27 }, (_, index) => index + 1));
    expect(worldOf(volume.affine, 0, 0, 0)).toEqual([-100.1, -200.3, -500]);
  });

  it("refuses an array of one dimension", () => {
    expect(() => readNrrd(file("nrrd/encodings/test_customFields.nrrd"))).toThrow(
      "sizes must be 2 to 4 positive integers",
    );
  });

  it.each([
    ["brain1", "LAS"],
    ["breast1", "LPS"],
  ])("puts image and mask of %s on one grid", (name, codes) => {
    const image = readNrrd(file(`nrrd/${name}_image.nrrd`)).volume;
    const mask = readNrrd(file(`nrrd/${name}_label.nrrd`)).volume;
    expect(axisCodes(image.affine)).toBe(codes);
    expect(mask.affine).toEqual(image.affine);
    expect(new Set(mask.voxels)).toEqual(new Set([0, 1]));
  });
});
