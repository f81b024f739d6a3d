import { readFileSync } from "node:fs";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { axisCodes } from "../volume/orientation.ts";
import { metaImageDataFile, readMetaImage } from "./metaImage.ts";
import { readNrrd } from "./nrrd.ts";

const head = (lines: Record<string, string>, data: Uint8Array) => {
  const fields = {
    ObjectType: "Image",
    NDims: "3",
    BinaryData: "True",
    BinaryDataByteOrderMSB: "False",
    Offset: "10 20 30",
    TransformMatrix: "1 0 0 0 1 0 0 0 1",
    ElementSpacing: "0.5 2 3",
    DimSize: "3 2 1",
    ElementType: "MET_SHORT",
    ...lines,
    ElementDataFile: lines["ElementDataFile"] ?? "LOCAL",
  };
  const text = Object.entries(fields).map(([name, value]) => `${name} = ${value}\n`);
  return new Uint8Array(Buffer.concat([Buffer.from(text.join("")), data]));
};
const shorts = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);
const six = shorts(1, 2, 3, 4, 5, -6);

describe("readMetaImage", () => {
  it("turns LPS positions into RAS", () => {
    const { volume, dataType } = readMetaImage(head({}, six));
    expect(dataType).toBe("int16");
    expect(volume.shape).toEqual([1, 2, 3]);
    expect(volume.affine).toEqual([-0.5, 0, 0, -10, 0, -2, 0, -20, 0, 0, 3, 30]);
    expect(axisCodes(volume.affine)).toBe("LPS");
    expect([...volume.voxels]).toEqual([1, 2, 3, 4, 5, -6]);
  });

  it("gives each axis its own row of the matrix", () => {
    const { volume } = readMetaImage(head({ TransformMatrix: "0 1 0 0 0 1 1 0 0" }, six));
    expect(volume.affine).toEqual([0, 0, -3, -10, -0.5, 0, 0, -20, 0, 2, 0, 30]);
  });

  it.each([
    ["compressed", head({ CompressedData: "True", CompressedDataSize: "20" }, zlibSync(six))],
    ["as text", head({ BinaryData: "False" }, Buffer.from("1 2 3 4 5 -6\n"))],
    [
      "big-endian",
      head({ BinaryDataByteOrderMSB: "True" }, new Uint8Array(Buffer.from(six).swap16())),
    ],
    ["after a header to skip", head({ HeaderSize: "-1" }, Buffer.concat([Buffer.from("xx"), six]))],
  ])("reads voxels %s", (_, bytes) => {
    expect([...readMetaImage(bytes).volume.voxels]).toEqual([1, 2, 3, 4, 5, -6]);
  });

  it("reads a header with its data file", () => {
    const header = head({ ElementDataFile: "scan.raw" }, new Uint8Array());
    expect(metaImageDataFile(header)).toBe("scan.raw");
    expect([...readMetaImage(header, { data: six }).volume.voxels]).toEqual([1, 2, 3, 4, 5, -6]);
    expect(() => readMetaImage(header)).toThrow("keeps its voxels in scan.raw; give both files");
  });

  it("reads one volume of a series", () => {
    const series = head({ NDims: "4", DimSize: "3 1 1 2", TransformMatrix: identity4 }, six);
    expect([...readMetaImage(series, { frame: 1 }).volume.voxels]).toEqual([4, 5, -6]);
    expect(() => readMetaImage(series)).toThrow("file must hold one volume, got 2");
  });
  const identity4 = "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1";

  it.each([
    [{ DimSize: "3 2 9" }, "MetaImage data ends early"],
    [{ DimSize: "3 0 1" }, "DimSize must be 2 to 4 positive integers"],
    [{ DimSize: "99999999 99999999 99999999" }, "MetaImage data ends early"],
    [{ ElementType: "MET_FLOAT_ARRAY" }, "got MET_FLOAT_ARRAY"],
    [{ ElementNumberOfChannels: "3" }, "got 3 channels"],
    [{ ElementSpacing: "0 1 1" }, "directions must give voxels a volume"],
    [{ TransformMatrix: "1 0 0" }, "directions and origin must be finite numbers"],
    [{ ElementDataFile: "LIST" }, "voxels must stand in one file"],
    [{ CompressedData: "True" }, "compressed data is damaged"],
  ])("refuses %o", (lines, words) => {
    expect(() => readMetaImage(head(lines, six))).toThrow(words);
  });

  it("gives up on data that inflates past its header", () => {
    const bomb = head({ CompressedData: "True" }, zlibSync(new Uint8Array(2 ** 20)));
    expect(() => readMetaImage(bomb)).toThrow("compressed data must hold at most 12 bytes");
  });

  it.skipIf(!hasShared)("agrees with the same geometry in NRRD", () => {
    const bytes = new Uint8Array(readFileSync(`${sharedFolder}data/nrrd/brain1_image.nrrd`));
    const { volume } = readNrrd(bytes);
    const lines = {
      DimSize: "256 256 25",
      ElementSpacing: "0.78124999999999989 0.78124999999999989 6.4999999999999982",
      TransformMatrix: "1 0 0 0 -1 0 0 0 1",
      Offset: "-99.609374999999986 99.609374999999986 -77.999999999999957",
    };
    const voxels = new Uint8Array(volume.voxels.buffer);
    const same = readMetaImage(head(lines, voxels)).volume;
    expect(same.affine).toEqual(volume.affine);
    expect(Buffer.compare(new Uint8Array(same.voxels.buffer), voxels)).toBe(0);
  });
});
