import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codecFrameDecoder } from "../../../codecs/codecFrameDecoder.ts";
import { loadCodec } from "../../../testing/codecFiles.ts";
import { hasShared, sharedFolder } from "../../../testing/reference.ts";
import type { Affine, Grid } from "../../volume/grid.ts";
import { canonicalVolume } from "../../volume/orientation.ts";
import { resampleNearest } from "../../volume/resample.ts";
import type { Volume } from "../../volume/volume.ts";
import { readNifti } from "../nifti.ts";
import { readNrrd } from "../nrrd.ts";
import { type Contours, fillContours, readContours } from "./contours.ts";
import { readDicomFile } from "./dataSet.ts";
import { readSegmentation } from "./segmentation.ts";
import { assembleSeries } from "./series.ts";

const decoder = codecFrameDecoder(loadCodec);
const bytes = (path: string) => new Uint8Array(readFileSync(`${sharedFolder}data/${path}`));
const file = (path: string) => readDicomFile(bytes(path));
const segmentation = (path: string) => readSegmentation(file(path), decoder);
const series = (folder: string) => {
  const names = readdirSync(`${sharedFolder}data/${folder}`);
  return assembleSeries(names.map((path) => ({ path, file: file(`${folder}/${path}`) }))).volumes;
};

/** Voxels that differ once both lie in canonical order; places must agree. */
function differing(a: Volume, b: Volume): number {
  const [one, other] = [canonicalVolume(a), canonicalVolume(b)];
  expect(one.shape).toEqual(other.shape);
  one.affine.forEach((value, index) => {
    expect(Math.abs(value - (other.affine[index] as number))).toBeLessThan(1e-3);
  });
  return [...one.voxels].filter((value, index) => value !== other.voxels[index]).length;
}

describe.skipIf(!hasShared)("readSegmentation", () => {
  it("reads one bit per voxel", async () => {
    const { volume, segments, notes } = await segmentation("dicom_seg/dcmqi/liver.dcm");
    const twin = readNrrd(bytes("dicom_seg/dcmqi/liver_seg.nrrd")).volume;
    expect(differing(volume, twin)).toBe(0);
    expect(segments).toEqual([{ label: 1, name: "Liver", voxels: 107098 }]);
    expect(notes).toEqual([]);
  });

  it("reads frames that do not end on a byte", async () => {
    const { volume, segments } = await segmentation("dicom_seg/dcmqi/23x38x3/seg/label.seg");
    const twin = readNrrd(bytes("dicom_seg/dcmqi/23x38x3/nrrd/label.nrrd")).volume;
    expect(differing(volume, twin)).toBe(0);
    expect(segments.map(({ voxels }) => voxels)).toEqual([322]);
  });

  it("reads a label map with a slice left out", async () => {
    const { volume, segments } = await segmentation("dicom_seg/dcmqi/sparse-labelmap-noppv.dcm");
    const twin = readNrrd(bytes("dicom_seg/dcmqi/sparse_labelmap_noppv_seg.nrrd")).volume;
    expect(differing(volume, twin)).toBe(0);
    expect(segments.map(({ name }) => name)).toEqual(["Liver"]);
  });

  it.each(["deflate", "expb", "rle"])("reads the same segment stored as %s", async (name) => {
    const { volume } = await segmentation(`dicom_seg/pydicom/liver_${name}.dcm`);
    const twin = readNrrd(bytes("dicom_seg/dcmqi/liver_seg.nrrd")).volume;
    expect(differing(volume, twin)).toBe(0);
  });

  it("reads a smaller frame where it lies", async () => {
    const { volume } = await segmentation("dicom_seg/pydicom/liver_nonbyte_aligned.dcm");
    const whole = readNrrd(bytes("dicom_seg/dcmqi/liver_seg.nrrd")).volume;
    expect(volume.shape).toEqual([3, 510, 510]);
    const count = (voxels: Iterable<number>) => [...voxels].filter((value) => value === 1).length;
    expect(count(volume.voxels)).toBe(count(resampleNearest(whole, volume).voxels));
  });

  it("puts fractional frames on the slices of their images", async () => {
    const { volume, segments } = await segmentation("breast_fgt_dicom/UCSF-BR-06/mask/1-1.dcm");
    const twin = readNifti(bytes("breast_fgt_nifti/UCSF-BR-06_fgt.nii.gz")).volume;
    expect(volume.shape[0]).toBe(42);
    const placed = resampleNearest(canonicalVolume(volume) as typeof volume, canonicalVolume(twin));
    expect(differing(placed, twin)).toBe(0);
    expect(segments[0]?.voxels).toBe([...twin.voxels].filter((value) => value === 1).length);
  });
});

describe.skipIf(!hasShared)("fillContours on contours from the wild", () => {
  it.each(["CT", "MR_T1", "PET"])("fills the tumour on %s as its NIfTI twin", async (modality) => {
    const [image] = series(`sts_dicom/STS_002/${modality}/image`);
    const grid = (await image?.read(decoder)) as Volume;
    const contours = readContours(file(`sts_dicom/STS_002/${modality}/mask/RS.dcm`));
    expect(contours.series).toEqual([image?.series]);
    const { volume, segments, notes } = fillContours(contours, grid);
    const twin = readNifti(bytes(`sts/STS_002/${modality}_mask.nii.gz`)).volume;
    expect(differing(volume, twin)).toBe(0);
    expect(segments[0]?.name).toMatch(/^GTV_Mass/);
    expect(notes).toEqual([]);
  });
});

describe("fillContours", () => {
  const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0];
  const grid: Grid = { shape: [2, 5, 5], spacing: [2, 1, 1], affine };
  const square = (from: number, to: number, z: number) =>
    Float64Array.of(from, from, z, to, from, z, to, to, z, from, to, z);
  const drawn = (...contours: Float64Array[][]): Contours => ({
    regions: contours.map((own, index) => ({ number: index, name: `r${index}`, contours: own })),
    series: [],
    frameOfReference: "",
    notes: [],
  });
  const sum = (voxels: Iterable<number>) => [...voxels].reduce((a, b) => a + b, 0);

  it("takes voxels whose centre is inside", () => {
    const { volume } = fillContours(drawn([square(0.5, 3.5, 2)]), grid);
    expect(sum(volume.voxels.subarray(0, 25))).toBe(0);
    expect([...volume.voxels.subarray(25 + 5, 25 + 10)]).toEqual([0, 1, 1, 1, 0]);
    expect(sum(volume.voxels)).toBe(9);
  });

  it("leaves out holes", () => {
    const { segments } = fillContours(drawn([square(-0.5, 4.5, 0), square(0.5, 3.5, 0)]), grid);
    expect(segments).toEqual([{ label: 1, name: "r0", voxels: 16 }]);
  });

  it("keeps the later of overlapping regions and says so", () => {
    const mask = fillContours(drawn([square(-0.5, 2.5, 0)], [square(1.5, 4.5, 0)]), grid);
    expect(mask.segments.map(({ voxels }) => voxels)).toEqual([9, 9]);
    expect(mask.volume.voxels[2 * 5 + 2]).toBe(2);
    expect(mask.notes).toEqual([
      "segments overlap in 1 voxels: the one with the highest number is kept",
    ]);
  });

  it("cuts contours at the edge and counts those outside", () => {
    const mask = fillContours(drawn([square(-9, 9, 0), square(0, 1, 40)]), grid);
    expect(mask.segments[0]?.voxels).toBe(25);
    expect(mask.notes).toEqual(["1 contours lie outside the images and are left out"]);
  });

  it("refuses contours across slices", () => {
    const tilted = Float64Array.of(0, 0, 0, 4, 0, 0, 4, 4, 2);
    expect(() => fillContours(drawn([tilted]), grid)).toThrow(
      "contours of r0 must lie in the planes of the slices, got one across 1.0 slices",
    );
  });
});
