import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { readNifti } from "../formats/nifti.ts";
import { spacingOf } from "../volume/affine.ts";
import { canonicalVolume } from "../volume/orientation.ts";
import { packVoxels } from "../volume/packVoxels.ts";
import { resampleVolume } from "../volume/resample.ts";
import { readCase } from "./readCase.ts";

const bytes = (path: string) => new Uint8Array(readFileSync(`${sharedFolder}data/${path}`));
const caseOf = (image: string, mask: string) =>
  readCase({ id: "a", patient: "a", image, mask }, { image: bytes(image), mask: bytes(mask) });

describe.skipIf(!hasShared)("images and masks of the shared data", () => {
  const spinal = "spinal_cord/";
  const organs = "ct_organs/";
  it.each([
    // image, mask, shape [d, h, w], stored orientation, labels, foreground voxels
    [
      "headers/niivue_FLAIR.nii.gz",
      "headers/niivue_lesion.nii.gz",
      [140, 160, 124],
      "RAS",
      3,
      32481,
    ],
    ["headers/niivue_AIL.nii.gz", "headers/niivue_draw.nii.gz", [67, 79, 64], "AIL", 2, 804],
    [`${spinal}t2/t2.nii.gz`, `${spinal}t2/t2_seg-manual.nii.gz`, [55, 60, 52], "PSR", 1, 4275],
    [`${spinal}t1/t1w.nii.gz`, `${spinal}t1/t1w_seg-manual.nii.gz`, [77, 76, 42], "RAS", 1, 5437],
    [
      `${spinal}t2s/t2s_uncropped.nii.gz`,
      `${spinal}t2s/t2s_uncropped_gmseg_manual.nii.gz`,
      [11, 320, 320],
      "LAS",
      1,
      697,
    ],
    [`${spinal}mt/mt1.nii.gz`, `${spinal}mt/mt1_seg.nii.gz`, [5, 40, 40], "LAS", 1, 520],
    [
      `${organs}spleen/sub-spleen2_ct.nii.gz`,
      `${organs}spleen/sub-spleen2_ct_seg-manual.nii.gz`,
      [26, 166, 164],
      "RAS",
      1,
      96672,
    ],
    [
      `${organs}totalsegmentator/example_ct_sm.nii.gz`,
      `${organs}totalsegmentator/example_seg.nii.gz`,
      [30, 101, 122],
      "RAS",
      41,
      110225,
    ],
    [
      `${organs}vertebra_ct/sub-ct_label-22_ct.nii.gz`,
      `${organs}vertebra_ct/sub-ct_seg-subreg_label-22_msk.nii.gz`,
      [47, 73, 73],
      "PIR",
      10,
      36348,
    ],
    ["nrrd/brain1_image.nrrd", "nrrd/brain1_label.nrrd", [25, 256, 256], "LAS", 1, 4137],
    ["nrrd/breast1_image.nrrd", "nrrd/breast1_label.nrrd", [21, 120, 45], "LPS", 1, 143],
    [
      "nrrd/prostate_phantom_subvolume.nrrd",
      "nrrd/prostate_phantom_subvolume-label.nrrd",
      [13, 67, 82],
      "RAS",
      4,
      12423,
    ],
  ] as const)("%s with %s", (image, mask, shape, stored, labels, voxels) => {
    const { summary } = caseOf(image, mask);
    expect(summary.problems).toEqual([]);
    expect(summary.shape).toEqual(shape);
    expect(summary.orientation).toEqual({ stored, canonical: "RAS" });
    expect(summary.labels).toHaveLength(labels);
    expect(summary.labels.reduce((sum, one) => sum + one.voxels, 0)).toBe(voxels);
  });

  it("labels the parts of a vertebra 41 to 50", () => {
    const { summary } = caseOf(
      "ct_organs/vertebra_ct/sub-ct_label-22_ct.nii.gz",
      "ct_organs/vertebra_ct/sub-ct_seg-subreg_label-22_msk.nii.gz",
    );
    expect(summary.labels.map(({ label }) => label)).toEqual(
      Array.from({ length: 10 }, (_, index) => 41 + index),
    );
  });

  it("applies a slope and intercept, which voxels can be packed by without loss", () => {
    const { scaling, volume, dataType } = readNifti(bytes("spinal_cord/mt/t1w.nii.gz"));
    expect(dataType).toBe("int16");
    expect(scaling?.slope).toBeCloseTo(0.0088, 4);
    expect(scaling?.intercept).toBeCloseTo(291.67, 2);
    const { stored } = packVoxels(volume.voxels, scaling);
    expect(stored).toBeInstanceOf(Int16Array);
  });

  it("puts one head on two grids at the same place", () => {
    const read = (name: string) =>
      canonicalVolume(readNifti(bytes(`headers/nibabel_someones_${name}.nii.gz`)).volume);
    const [anatomy, epi] = [read("anatomy"), read("epi")];
    const here = resampleVolume(anatomy, epi, 0).voxels;
    const correlation = (shift: number) => {
      let [n, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
      for (let index = 0; index + shift < here.length; index++) {
        const [x, y] = [here[index + shift] as number, epi.voxels[index] as number];
        if (x === 0) continue;
        n++;
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
      }
      return (n * sxy - sx * sy) / Math.sqrt((n * sxx - sx * sx) * (n * syy - sy * sy));
    };
    expect(correlation(0)).toBeGreaterThan(0.2);
    // Ten voxels to the side they fit worse.
    expect(correlation(0)).toBeGreaterThan(correlation(10) + 0.05);
    const { summary } = caseOf(
      "headers/nibabel_someones_anatomy.nii.gz",
      "headers/nibabel_someones_epi.nii.gz",
    );
    expect(summary.problems[0]?.message).toMatch(/^mask must hold labels, .* is it an image\?$/);
  });

  it.each([
    ["niivue_low_res.nii.gz", [3, 5, 7], [2, 2, 2]],
    ["nibabel_anatomical.nii", [25, 41, 33], [2, 2, 2]],
    ["nibabel_reoriented_anat_moved.nii", [22, 26, 21], [4, 4, 4]],
    ["niivue_minimal.nii.gz", [10, 64, 64], [3, 3, 3]],
    ["nrjs_avg152T1_LR_nifti2.nii.gz", [91, 109, 91], [2, 2, 2]],
    ["niivue_spmMotor.nii.gz", [79, 95, 79], [2, 2, 2]],
  ] as const)("reads the grid of %s", (name, shape, spacing) => {
    const { volume } = readNifti(bytes(`headers/${name}`));
    expect(volume.shape).toEqual(shape);
    spacingOf(volume.affine).forEach((mm, axis) => {
      expect(mm).toBeCloseTo(spacing[axis] as number, 3);
    });
  });

  it("keeps a shear: axes that are not at right angles", () => {
    const { affine } = readNifti(bytes("headers/niivue_shear.nii.gz")).volume;
    const column = (at: 0 | 1 | 2) => [affine[at], affine[at + 4], affine[at + 8]] as number[];
    const [, j, k] = [column(0), column(1), column(2)] as [number[], number[], number[]];
    const dot = j.reduce((sum, value, row) => sum + value * (k[row] as number), 0);
    expect(Math.abs(dot) / (Math.hypot(...j) * Math.hypot(...k))).toBeGreaterThan(0.1);
  });
});
