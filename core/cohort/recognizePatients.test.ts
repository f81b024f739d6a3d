import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { pairFiles } from "./pairFiles.ts";
import { recognizePatients } from "./recognizePatients.ts";

const patientsOf = (...images: string[]) => {
  const pairs = images.map((image) => {
    const id = image.replace(/\.nii$/, "");
    return { id, patient: id, image, mask: null };
  });
  return recognizePatients(pairs).pairs.map(({ patient }) => patient);
};

describe("recognizePatients", () => {
  it.each([
    [
      ["sub-01/ses-1/anat/a.nii", "sub-01/ses-2/anat/a.nii"],
      ["sub-01", "sub-01"],
    ],
    [
      ["knee7_left.nii", "knee7_right.nii", "knee8_left.nii"],
      ["knee7", "knee7", "knee8_left"],
    ],
    [
      ["a_visit1.nii", "a_visit2.nii", "b.nii"],
      ["a", "a", "b"],
    ],
    [
      ["a_t1.nii", "a_flair.nii"],
      ["a", "a"],
    ],
    [
      ["P01/ct.nii", "P01/pet.nii", "P02/ct.nii"],
      ["P01", "P01", "P02/ct"],
    ],
    [
      ["site1/a.nii", "site1/b.nii"],
      ["site1/a", "site1/b"],
    ],
    [
      ["fold_0/a.nii", "fold_0/b.nii"],
      ["fold_0/a", "fold_0/b"],
    ],
    [
      ["case_1.nii", "case_2.nii"],
      ["case_1", "case_2"],
    ],
  ])("takes %j for %j", (images, patients) => {
    expect(patientsOf(...images)).toEqual(patients);
  });

  it("says what it recognised", () => {
    const pairs = ["a_l", "a_r"].map((id) => ({ id, patient: id, image: `${id}.nii`, mask: null }));
    expect(recognizePatients(pairs).problems.map(({ message }) => message)).toEqual([
      "2 cases are taken for 1 patients by their names (a_l and a_r for a); " +
        "add a cases.csv with columns case,patient where that is wrong",
    ]);
  });

  it.skipIf(!hasShared)("groups left and right hippocampus of a patient", () => {
    interface Indexed {
      readonly patient: string;
      readonly image: string;
    }
    const text = readFileSync(`${sharedFolder}data/index.json`, "utf8");
    const index: Indexed[] = JSON.parse(text).hippocampus.cases;
    const pairs = pairsIn("hippocampus");
    const known = new Map(index.map(({ image, patient }) => [image, patient]));
    expect(new Set(pairs.map(({ patient }) => patient)).size).toBe(75);
    for (const a of pairs) {
      for (const b of pairs) {
        const isSame = known.get(`hippocampus/${a.image}`) === known.get(`hippocampus/${b.image}`);
        if ((a.patient === b.patient) !== isSame) expect.fail(`${a.image} and ${b.image}`);
      }
    }
  });

  it.skipIf(!hasShared)("groups scans of several kinds of a patient", () => {
    for (const { patient, image } of pairsIn("sts")) expect(patient).toBe(image.slice(0, 7));
  });
});

function pairsIn(name: string) {
  const folder = `${sharedFolder}data/${name}`;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return pairFiles(files.map((path) => ({ path, bytes: 1 }))).pairs;
}
