import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codecFrameDecoder } from "../../../codecs/codecFrameDecoder.ts";
import { loadCodec } from "../../../testing/codecFiles.ts";
import { hasShared, sharedFolder } from "../../../testing/reference.ts";
import { canonicalVolume } from "../../volume/orientation.ts";
import type { Volume } from "../../volume/volume.ts";
import { readNifti } from "../nifti.ts";
import { readDicomFile } from "./dataSet.ts";
import { assembleSeries } from "./series.ts";

const decoder = codecFrameDecoder(loadCodec);
const folder = `${sharedFolder}data/`;
const read = (path: string) => ({
  path,
  file: readDicomFile(new Uint8Array(readFileSync(`${folder}${path}`))),
});
const filesIn = (path: string) =>
  readdirSync(`${folder}${path}`).map((name) => read(`${path}/${name}`));
const nifti = (path: string) => readNifti(new Uint8Array(readFileSync(`${folder}${path}`))).volume;

/** Largest difference of voxels and of places of two volumes, both turned to RAS. */
function difference(a: Volume, b: Volume): { voxels: number; affine: number } {
  const [one, other] = [canonicalVolume(a), canonicalVolume(b)];
  expect(one.shape).toEqual(other.shape);
  let voxels = 0;
  for (let index = 0; index < one.voxels.length; index++) {
    voxels = Math.max(
      voxels,
      Math.abs((one.voxels[index] as number) - (other.voxels[index] as number)),
    );
  }
  const affine = Math.max(
    ...one.affine.map((value, index) => Math.abs(value - (other.affine[index] as number))),
  );
  return { voxels, affine };
}

describe.skipIf(!hasShared)("assembleSeries on series from the wild", () => {
  it.each([
    ["CT", 0],
    ["MR_T1", 0],
    ["PET", 2e-6],
  ])("reads %s of a patient as its NIfTI twin", async (modality, tolerance) => {
    const files = filesIn(`sts_dicom/STS_002/${modality}/image`);
    const { volumes, problems } = assembleSeries(files);
    expect(problems).toEqual([]);
    expect(volumes).toHaveLength(1);
    const volume = (await volumes[0]?.read(decoder)) as Volume;
    const found = difference(volume, nifti(`sts/STS_002/${modality}_image.nii.gz`));
    expect(found.voxels).toBeLessThanOrEqual(tolerance);
    expect(found.affine).toBeLessThan(2.5e-5);
  });

  it("tells three time points of one series apart", async () => {
    const files = filesIn("breast_fgt_dicom/UCSF-BR-06/image_dce_3dfgre_orig");
    const { volumes, problems } = assembleSeries(files);
    expect(problems).toEqual([]);
    expect(volumes.map(({ time, times, paths }) => [time, times, paths.length])).toEqual([
      [0, 3, 60],
      [1, 3, 60],
      [2, 3, 60],
    ]);
    const second = (await volumes[1]?.read(decoder)) as Volume;
    const found = difference(second, nifti("breast_fgt_nifti/UCSF-BR-06_post1.nii.gz"));
    expect(found.voxels).toBe(0);
    expect(found.affine).toBeLessThan(1e-4);
  });

  it("reads one slice alike in eight transfer syntaxes", async () => {
    const slices = await Promise.all(
      filesIn("dicom_odd/transfer_syntax").map(async (named) => {
        const { volumes } = assembleSeries([named]);
        return (await volumes[0]?.read(decoder)) as Volume;
      }),
    );
    expect(slices).toHaveLength(8);
    for (const slice of slices) {
      expect(slice.shape).toEqual([1, 512, 512]);
      expect(Buffer.compare(bytesOf(slice), bytesOf(slices[0] as Volume))).toBe(0);
    }
  });

  it("keeps one of several copies of an image", () => {
    const { volumes, problems } = assembleSeries(filesIn("dicom_odd/transfer_syntax"));
    expect(volumes).toHaveLength(1);
    expect(problems).toHaveLength(7);
    expect(problems[0]?.message).toContain("the same image as");
  });

  it("reads enhanced multi-frame files alike however they are stored", async () => {
    const names = ["", "_RLE", "_big_endian", "_jpeg_ls_lossless"];
    const read4 = names.map(async (name) => {
      const { volumes } = assembleSeries([read(`dicom_odd/enhanced/emri_small${name}.dcm`)]);
      expect(volumes[0]?.notes.join()).toContain("does not say how it lies in space");
      return (await volumes[0]?.read(decoder)) as Volume;
    });
    const [first, ...others] = await Promise.all(read4);
    expect(first?.shape).toEqual([10, 64, 64]);
    expect(first?.spacing[0]).toBe(1.2);
    for (const other of others) {
      expect(Buffer.compare(bytesOf(other), bytesOf(first as Volume))).toBe(0);
    }
  });

  it("takes places of frames from functional groups", async () => {
    const { volumes } = assembleSeries([read("dicom_odd/enhanced/niivue_enh.dcm")]);
    const volume = (await volumes[0]?.read(decoder)) as Volume;
    expect(volume.shape).toEqual([6, 64, 64]);
    volume.spacing.forEach((mm, axis) => {
      expect(mm).toBeCloseTo([2.4, 3.375, 3.375][axis] as number, 5);
    });
  });

  it("reads a multi-frame file as the single slices it was made of", async () => {
    const { volumes: multi } = assembleSeries(filesIn("dicom_seg/dcmqi/23x38x3/multiframe"));
    const { volumes: single } = assembleSeries(filesIn("dicom_seg/dcmqi/23x38x3/image"));
    const [a, b] = [await multi[0]?.read(decoder), await single[0]?.read(decoder)];
    const found = difference(a as Volume, b as Volume);
    expect(found.voxels).toBe(0);
    expect(found.affine).toBeLessThan(1e-5);
  });

  it("reads an oblique series", async () => {
    const { volumes } = assembleSeries(filesIn("dicom_odd/oblique_prostatex_adc"));
    const volume = (await volumes[0]?.read(decoder)) as Volume;
    expect(volumes).toHaveLength(1);
    expect(volume.shape).toEqual([20, 130, 160]);
    expect(volume.spacing[0]).toBeCloseTo(3.6, 3);
    const degrees = (Math.acos(volume.affine[10] / volume.spacing[0]) * 180) / Math.PI;
    expect(degrees).toBeCloseTo(23.3, 1);
  });

  it("refuses a series that lacks a slice, and says where", () => {
    const { volumes, problems } = assembleSeries(filesIn("dicom_odd/missing_slice_prostatex"));
    expect(volumes).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/a slice is missing: a step of 6 mm among steps of 3 mm/);
  });
});

const bytesOf = ({ voxels }: Volume) =>
  Buffer.from(voxels.buffer, voxels.byteOffset, voxels.byteLength);
