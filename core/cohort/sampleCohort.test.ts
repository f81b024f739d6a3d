import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { splitCohort } from "../experiment/split.ts";
import { assembleCohort } from "./assembleCohort.ts";
import { checkTarget } from "./checkTarget.ts";
import { isUsable } from "./cohort.ts";
import { cohortTextPaths, pairFiles } from "./pairFiles.ts";
import { readCase } from "./readCase.ts";

const folder = fileURLToPath(new URL("../../public/cohorts/hippocampus/", import.meta.url));
const index: { name: string; licence: string; citation: string; files: string[] } = JSON.parse(
  readFileSync(`${folder}index.json`, "utf8"),
);
const files = index.files.map((path) => ({ path, bytes: statSync(folder + path).size }));
const text = (path: string | null) => readFileSync(`${folder}${path}`, "utf8");
const bytes = (path: string) => new Uint8Array(readFileSync(folder + path));

function readSample() {
  const paths = cohortTextPaths(files);
  const pairing = pairFiles(files, {
    datasetJson: text(paths.datasetJson),
    casesCsv: text(paths.casesCsv),
  });
  const readings = pairing.pairs.map((pair) =>
    readCase(pair, { image: bytes(pair.image), mask: bytes(pair.mask as string) }),
  );
  return {
    pairing,
    readings,
    cohort: assembleCohort(
      index.name,
      pairing,
      readings.map(({ summary }) => summary),
    ),
  };
}

describe("the bundled sample cohort", () => {
  const { pairing, readings, cohort } = readSample();

  it("lists every file that is there, its licence and citation", () => {
    const there = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => /\.(nii\.gz|csv)$|^dataset/.test(path));
    expect(index.files.toSorted()).toEqual(there.toSorted());
    expect(index.licence).toBe("CC-BY-SA 4.0");
    expect(index.citation).toContain("arXiv:1902.09063");
    expect(text("LICENSE.md")).toContain("Attribution-ShareAlike 4.0 International");
    expect(text("README.md")).toContain("13:4128");
    expect(files.reduce((sum, file) => sum + file.bytes, 0)).toBeLessThan(5e6);
  });

  it("holds 48 cases of 28 patients without a problem", () => {
    expect(pairing.layout).toBe("nnunet-or-msd");
    expect(pairing.labelNames).toEqual({ 1: "anterior", 2: "posterior" });
    expect(cohort.cases).toHaveLength(48);
    expect(cohort.cases.filter(isUsable)).toHaveLength(48);
    expect(cohort.problems).toEqual([]);
    expect(cohort.cases.flatMap(({ problems }) => problems)).toEqual([]);
    const patients = new Map(cohort.cases.map(({ id, patient }) => [id, patient]));
    expect(new Set(patients.values()).size).toBe(28);
    expect(patients.get("hippocampus_003")).toBe("P002");
    expect(patients.get("hippocampus_004")).toBe("P002");
    expect(checkTarget(cohort.cases, [1, 2])).toEqual([]);
  });

  it("holds both sides of patients and both kinds of image", () => {
    const types = new Set(cohort.cases.map(({ dataType }) => dataType));
    expect(types).toEqual(new Set(["uint8", "float32"]));
    const sizes = [...countsOf(cohort.cases.map(({ patient }) => patient)).values()];
    expect(sizes.filter((count) => count === 2)).toHaveLength(20);
    expect(sizes.filter((count) => count === 1)).toHaveLength(8);
  });

  it("lies on canonical grids of the sizes its source tells", () => {
    for (const { summary, image, labels } of readings) {
      const [depth, height, width] = summary.shape as readonly [number, number, number];
      expect(summary.orientation?.canonical).toBe("RAS");
      expect(depth).toBeGreaterThanOrEqual(24);
      expect(depth).toBeLessThanOrEqual(45);
      expect(Math.max(height, width)).toBeLessThanOrEqual(64);
      expect(image?.voxels).toHaveLength(depth * height * width);
      expect(labels?.voxels).toHaveLength(depth * height * width);
      expect(summary.labels.map(({ label }) => label)).toEqual([1, 2]);
    }
  });

  it("has different voxels in every case and can be split by patient", () => {
    expect(new Set(cohort.cases.map(({ fingerprint }) => fingerprint)).size).toBe(48);
    const { test, pool } = splitCohort(cohort.cases, { test: 0.25, validation: 0.1, seed: 1 });
    expect(test).toHaveLength(12);
    const patientOf = (id: string) => cohort.cases.find((one) => one.id === id)?.patient;
    const tested = new Set(test.map(patientOf));
    expect(pool.some((id) => tested.has(patientOf(id)))).toBe(false);
  });
});

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
