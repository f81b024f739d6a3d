import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { readVolume } from "../formats/readVolume.ts";
import { pairFiles } from "./pairFiles.ts";
import { readCase } from "./readCase.ts";

interface IndexedCase {
  readonly image?: string;
  readonly mask?: string;
}

const index: Record<string, { cases: IndexedCase[] }> = hasShared
  ? JSON.parse(readFileSync(`${sharedFolder}data/index.json`, "utf8"))
  : {};

function listFolder(name: string) {
  const folder = `${sharedFolder}data/${name}`;
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => ({
    path: path.replaceAll("\\", "/"),
    bytes: 1,
  }));
}

const bytes = (path: string) => new Uint8Array(readFileSync(`${sharedFolder}data/${path}`));

describe.skipIf(!hasShared)("cohorts from the wild", () => {
  it.each([
    { name: "hippocampus", count: 120 },
    { name: "sts", count: 48 },
  ])("pairs $name as its index says", ({ name, count }) => {
    const { pairs, problems } = pairFiles(listFolder(name));
    // All that there is to say is that patients are known by names.
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("are taken for"),
    ]);
    expect(pairs).toHaveLength(count);
    const known = JSON.stringify(index[name]);
    for (const { image, mask } of pairs) {
      expect(known).toContain(`"${name}/${image}"`);
      expect(known).toContain(`"${name}/${mask}"`);
    }
  });

  it("reads a patient's three scans, each with its mask", () => {
    const pairs = pairFiles(listFolder("sts")).pairs.filter(({ id }) => id.startsWith("STS_002"));
    expect(pairs).toHaveLength(3);
    for (const pair of pairs) {
      const files = { image: bytes(`sts/${pair.image}`), mask: bytes(`sts/${pair.mask}`) };
      const { summary } = readCase(pair, files);
      expect(summary.problems).toEqual([]);
      expect(summary.orientation).toEqual({ stored: "LPS", canonical: "RAS" });
      expect(summary.labels.map(({ label }) => label)).toEqual([1]);
    }
  });

  it.each([
    ["spinal_cord/t2/t2.nii.gz", "spinal_cord/t2/t2_seg-manual.nii.gz"],
    ["spinal_cord/t1/t1w.nii.gz", "spinal_cord/t1/t1w_seg-manual.nii.gz"],
    [
      "isles22/sub-strokecase0009_ses-0001_adc.nii.gz",
      "isles22/sub-strokecase0009_ses-0001_msk.nii.gz",
    ],
    ["breast_fgt_nifti/UCSF-BR-06_post1.nii.gz", "breast_fgt_nifti/UCSF-BR-06_fgt.nii.gz"],
  ])("reads %s", (image, mask) => {
    const pair = { id: "a", patient: "a", image, mask };
    const { summary } = readCase(pair, { image: bytes(image), mask: bytes(mask) });
    expect(summary.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(summary.labels.length).toBeGreaterThan(0);
  });

  it("takes a mask of the same head to another scan's grid, and says so", () => {
    const image = "isles22/sub-strokecase0009_ses-0001_flair.nii.gz";
    const mask = "isles22/sub-strokecase0009_ses-0001_msk.nii.gz";
    const pair = { id: "a", patient: "a", image, mask };
    const { summary, labels } = readCase(pair, { image: bytes(image), mask: bytes(mask) });
    expect(summary.problems.map(({ message }) => message)).toEqual([
      "mask lay on another grid (112 x 112 x 73 voxels) and was resampled to its image by the " +
        "nearest voxel",
    ]);
    expect(labels?.shape).toEqual(summary.shape);
    const mm3 = (path: string) => {
      const { volume } = readVolume(bytes(path));
      return volume.spacing.reduce((product, side) => product * side, 1);
    };
    const own = [...readVolume(bytes(mask)).volume.voxels].filter(Boolean).length * mm3(mask);
    const moved = (summary.labels[0]?.voxels as number) * mm3(image);
    expect(moved / own).toBeGreaterThan(0.9);
    expect(moved / own).toBeLessThan(1.1);
  });

  it("refuses a mask of another patient, naming both grids", () => {
    const image = "spinal_cord/t1/t1w.nii.gz";
    const mask = "isles22/sub-strokecase0009_ses-0001_msk.nii.gz";
    const pair = { id: "a", patient: "a", image, mask };
    const { summary } = readCase(pair, { image: bytes(image), mask: bytes(mask) });
    expect(summary.problems.map(({ message }) => message).join()).toMatch(
      /got 112 x 112 x 73 voxels of 2 x 2 x 2 mm for the mask and/,
    );
  });

  it("reads cohorts of NRRD files", () => {
    const { pairs, layout } = pairFiles([
      { path: "breast1_image.nrrd", bytes: 1 },
      { path: "breast1_label.nrrd", bytes: 1 },
    ]);
    expect(layout).toBe("suffixes");
    const [pair] = pairs;
    const files = {
      image: bytes("nrrd/breast1_image.nrrd"),
      mask: bytes("nrrd/breast1_label.nrrd"),
    };
    const { summary } = readCase(pair as (typeof pairs)[number], files);
    expect(summary.problems).toEqual([]);
    expect(summary.labels).toEqual([{ label: 1, voxels: 143 }]);
  });
});
