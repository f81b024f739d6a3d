import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codecFrameDecoder } from "../../../codecs/codecFrameDecoder.ts";
import { loadCodec } from "../../../testing/codecFiles.ts";
import { memoryFolder, sharedCohort } from "../../../testing/diskFolder.ts";
import { hasShared, sharedFolder } from "../../../testing/reference.ts";
import { dicomSeriesBytes } from "../../../testing/scanBytes.ts";
import { neverStopped } from "../../context.ts";
import { readNifti } from "../../formats/nifti.ts";
import type { Affine } from "../../volume/grid.ts";
import { canonicalVolume } from "../../volume/orientation.ts";
import type { Volume } from "../../volume/volume.ts";
import { assembleCohort } from "../assembleCohort.ts";
import { isUsable } from "../cohort.ts";
import type { Folder } from "../folder.ts";
import { type CohortPlan, planCohort } from "../planCohort.ts";
import { type CohortSettings, parseSettings } from "../settings.ts";

const context = {
  decoder: async () => codecFrameDecoder(loadCodec),
  signal: neverStopped,
  looked: () => undefined,
};
const planOf = (folder: Folder, settings: CohortSettings | null = null, name = "scans") =>
  planCohort(folder, name, settings, context);

async function readAll(plan: CohortPlan) {
  const readings = [];
  for (const pair of plan.pairing.pairs) readings.push(await plan.read(pair));
  return readings;
}

const twin = (path: string) =>
  canonicalVolume(readNifti(new Uint8Array(readFileSync(`${sharedFolder}data/${path}`))).volume);

function expectSame(volume: Volume | null, other: Volume, tolerance = 0) {
  expect(volume?.shape).toEqual(other.shape);
  let largest = 0;
  for (let index = 0; index < other.voxels.length; index++) {
    const difference = (volume?.voxels[index] ?? Number.NaN) - (other.voxels[index] as number);
    if (!(Math.abs(difference) <= largest)) largest = Math.abs(difference);
  }
  expect(largest).toBeLessThanOrEqual(tolerance);
}

describe.skipIf(!hasShared)("DICOM folders from the wild", () => {
  it("pairs three series of a patient with the contours drawn on each", async () => {
    const plan = await planOf(sharedCohort("sts_dicom"));
    const readings = await readAll(plan);
    expect(plan.pairing.layout).toBe("dicom");
    expect(new Set(plan.pairing.pairs.map(({ patient }) => patient)).size).toBe(1);
    expect(plan.pairing.labelNames).toEqual({ 1: "GTV_Mass" });
    expect(readings.every(({ summary }) => isUsable(summary))).toBe(true);
    for (const [index, modality] of ["CT", "MR_T1", "PET"].entries()) {
      const { image, labels } = readings[index] as (typeof readings)[number];
      expectSame(labels, twin(`sts/STS_002/${modality}_mask.nii.gz`));
      expectSame(image, twin(`sts/STS_002/${modality}_image.nii.gz`), 2e-6);
    }
  });

  it("offers the time points of one series as volumes to choose from", async () => {
    const folder = sharedCohort("breast_fgt_dicom");
    const plan = await planOf(folder);
    const [pair] = plan.pairing.pairs;
    expect(plan.pairing.pairs).toHaveLength(1);
    expect(pair?.channels).toHaveLength(3);
    expect(plan.pairing.problems.map(({ message }) => message)).toEqual([
      "3 time points at one place: only the first is used",
    ]);
    const second = await planOf(folder, parseSettings({ volume: 1 }));
    expect(second.pairing.problems).toEqual([]);
    const [{ image, labels, summary }] = (await readAll(second)) as [
      Awaited<ReturnType<typeof readAll>>[number],
    ];
    expectSame(image, twin("breast_fgt_nifti/UCSF-BR-06_post1.nii.gz"));
    expectSame(labels, twin("breast_fgt_nifti/UCSF-BR-06_fgt.nii.gz"));
    expect(summary).toMatchObject({ volumes: 3, volume: 1 });
    expect(summary.problems.map(({ message }) => message)).toEqual([
      "mask covers 256 x 256 x 42 voxels of its image; the rest counts as background",
    ]);
  });

  it("takes slices in another plane where somebody says so", async () => {
    const folder = sharedCohort("breast_fgt_dicom");
    const plan = await planOf(folder, parseSettings({ plane: "sagittal" }));
    const [{ summary }] = (await readAll(plan)) as [Awaited<ReturnType<typeof readAll>>[number]];
    expect(summary.shape).toEqual([60, 256, 256]);
    expect(summary.spacing?.[0]).toBeCloseTo(2, 6);
    expect(summary.plane).toBe("sagittal");
  });

  it("gives an image the mask that somebody chose, DICOM or not", async () => {
    const folder = sharedCohort("dicom_seg");
    const plain = await planOf(folder);
    const liver = plain.pairing.pairs.find(({ id }) => id.includes("CT-dfb12e"));
    expect(liver?.mask).toBeNull();
    const several = plain.pairing.problems.find(({ message }) => message.includes("masks for one"));
    const seg = several?.paths[1] ?? "";
    const counts = [];
    for (const mask of [seg, "dcmqi/liver_seg.nrrd"]) {
      const settings = parseSettings({ cases: { [liver?.id ?? ""]: { mask } } });
      const plan = await planOf(folder, settings);
      const pair = plan.pairing.pairs.find(({ id }) => id === liver?.id) as typeof liver & object;
      expect(pair.mask).toBe(mask);
      const { summary } = await plan.read(pair);
      counts.push(summary.labels.map(({ voxels }) => voxels));
      expect(isUsable(summary)).toBe(true);
    }
    expect(counts).toEqual([[107098], [107098]]);
  });

  it("refuses a series that lacks a slice, and lists the rest", async () => {
    const plan = await planOf(sharedCohort("dicom_odd"));
    expect(plan.pairing.pairs).toHaveLength(4);
    const errors = plan.pairing.problems.filter(({ severity }) => severity === "error");
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^a slice is missing: a step of 6 mm among steps of 3 mm/),
    ]);
  });
});

const affine: Affine = [-1, 0, 0, 3, 0, -1, 0, 4, 0, 0, 2, 5];
const volume = {
  shape: [3, 4, 5] as const,
  spacing: [2, 1, 1] as const,
  affine,
  voxels: Int16Array.from({ length: 60 }, (_, n) => n),
};

describe("what DICOM cohorts keep", () => {
  const person = [
    [0x00100010, "LO", "Mueller^Anna Maria"],
    [0x00100020, "LO", "ID4711"],
    [0x00100030, "LO", "19700131"],
    [0x00080020, "LO", "20190204"],
    [0x00200052, "UI", "1.2.840.99.1"],
  ] as const;
  const files = Object.fromEntries(
    dicomSeriesBytes(volume, [...person]).map((bytes, n) => [`Mueller_Anna_1970/IM${n}`, bytes]),
  );

  it("names nobody, in no field", async () => {
    const folder = memoryFolder({
      ...files,
      "Mueller_Anna_1970/broken.dcm": files["Mueller_Anna_1970/IM1"]?.slice(0, 300) ?? "",
      "Mueller_Anna_1970/seg.nii": "not read",
    });
    const plan = await planOf(folder, null, "Anna Mueller 2019");
    const readings = await readAll(plan);
    const summaries = readings.map(({ summary }) => ({
      ...summary,
      source: plan.sourceOf(plan.pairing.pairs[0] as never) ?? "",
    }));
    const cohort = assembleCohort(plan.name, plan.pairing, summaries, plan.settings);
    const kept = JSON.stringify(cohort).toLowerCase();
    for (const word of [
      "mueller",
      "anna",
      "4711",
      "19700131",
      "2019",
      "1970",
      "1.2.840",
      "1.2.3",
    ]) {
      expect(kept).not.toContain(word);
    }
    expect(cohort.cases).toHaveLength(1);
    expect(cohort.name).toBe("DICOM cohort");
    // Only while the folder is open is it known where a case lies.
    expect(plan.places.get(cohort.cases[0]?.imagePath ?? "")).toBe("Mueller_Anna_1970/IM0");
  });

  it("calls a patient the same however the files lie and whoever else is there", async () => {
    const other = dicomSeriesBytes(volume, [
      ...person.slice(0, 1),
      [0x00100020, "LO", "ID4712"],
      [0x0020000e, "UI", "1.2.9"],
    ]);
    const one = await planOf(memoryFolder(files));
    const moved = Object.fromEntries(Object.values(files).map((bytes, n) => [`x/${n}`, bytes]));
    const more = Object.fromEntries(other.map((bytes, n) => [`y/${n}`, bytes]));
    const both = await planOf(memoryFolder({ ...more, ...moved }));
    expect(both.pairing.pairs).toHaveLength(2);
    const { id, patient } = one.pairing.pairs[0] as (typeof one.pairing.pairs)[number];
    expect(both.pairing.pairs).toContainEqual(expect.objectContaining({ id, patient }));
    expect(new Set(both.pairing.pairs.map((pair) => pair.patient)).size).toBe(2);
  });
});
