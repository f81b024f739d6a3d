import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, describe, expect, it } from "vitest";
import { neverStopped } from "#core/context.ts";
import { readNifti } from "#core/formats/nifti.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import { type InterpolateOptions, interpolate } from "./interpolate.ts";

const folder = mkdtempSync(join(tmpdir(), "slicewise-interpolate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const shape = [10, 16, 18] as const;
const affine = [-2, 0, 0, 5, 0, -1, 0, 7, 0, 0, 3, 1] as const;
const grid = { shape, spacing: [3, 1, 2] as const, affine };

/** Images that run towards left and posterior; the target has the label 4, beside it 9. */
function writeCohort(name: string, depths: readonly number[]): string {
  const cohort = join(folder, name);
  for (const part of ["images", "labels"]) mkdirSync(join(cohort, part), { recursive: true });
  for (const [index, depth] of depths.entries()) {
    const size = [depth, shape[1], shape[2]] as const;
    const { image, mask } = phantomCase(`${index}`, size, seededRandom(index));
    const place = { ...grid, shape: size };
    const labels = mask.classes.map((value, at) => (value > 0 ? 4 : at % 18 < 2 ? 9 : 0));
    writeFileSync(join(cohort, "images", `${index}.nii`), writeNifti({ ...image, ...place }));
    writeFileSync(
      join(cohort, "labels", `${index}.nii`),
      writeNifti({ shape: size, classes: labels }, place),
    );
  }
  return cohort;
}

const cohort = writeCohort("cohort", [10, 12]);
const silent = () => new Writable({ write: (_chunk, _encoding, done) => done() });
const run = (change: Partial<InterpolateOptions> = {}) =>
  interpolate(
    {
      ...{ cohort, method: "signedDistance", strategy: "fixedInterval", density: [0.2] },
      ...{ seed: 1, backend: "cpu" },
      ...change,
    },
    { out: silent(), log: silent() },
    neverStopped,
  );

describe("slicewise interpolate", () => {
  it("scores what was filled, label by label, case by case and by distance", async () => {
    const { reports, problems } = await run({ density: [0.2, 1] });
    expect(problems).toEqual([]);
    const [some, all] = reports;
    expect(some).toMatchObject({
      method: "signedDistance",
      strategy: "fixedInterval",
      density: 0.2,
    });
    expect(some?.cases.map((one) => one.case)).toEqual(["0", "1"]);
    expect(some?.iou.interpolatedOnly).toBeGreaterThan(0.5);
    expect(some?.iou.whole).toBeGreaterThan(some?.iou.interpolatedOnly ?? 1);
    expect(some?.byDistance.map(({ distance }) => distance)).toEqual([1, 2, 3]);
    expect(all?.iou).toEqual({ whole: 1, interpolatedOnly: null });
  });

  it("leaves all between human slices out where nothing is filled", async () => {
    const { reports } = await run({ method: "none" });
    expect(reports[0]).toMatchObject({ iou: { whole: 1, interpolatedOnly: null }, unannotated: 1 });
  });

  it("saves masks on the grid of their image in the labels of the cohort", async () => {
    const save = join(folder, "filled");
    await run({ density: [1], save });
    const { readdirSync } = await import("node:fs");
    expect(readdirSync(save)).toEqual(["0.nii.gz", "1.nii.gz"]);
    const { volume } = readNifti(new Uint8Array(readFileSync(join(save, "0.nii.gz"))));
    const truth = readNifti(new Uint8Array(readFileSync(join(cohort, "labels", "0.nii"))));
    expect(volume.shape).toEqual(shape);
    expect(volume.affine).toEqual(affine.map(Math.fround));
    expect([...volume.voxels]).toEqual([...truth.volume.voxels]);
  });

  it("takes some labels, apart or as one structure", async () => {
    const [one, merged] = [await run({ labels: [4] }), await run({ merge: true })];
    expect(one.reports[0]?.iou.whole).not.toBe(merged.reports[0]?.iou.whole);
  });

  it("trains the learned method on the cohort, by settings from a file", async () => {
    const settings = join(folder, "settings.json");
    writeFileSync(settings, JSON.stringify({ steps: 2, crop: 16, minConfidence: 0.99 }));
    const { reports } = await run({ method: "learned", settings });
    expect(reports[0]?.unannotated).toBeGreaterThan(0);
    writeFileSync(settings, JSON.stringify({ steps: 0 }));
    await expect(run({ method: "learned", settings })).rejects.toThrow(
      "settings: steps must be an integer from 1 to 1000000, got 0",
    );
  });

  it("names cases too short for a density and fills the others", async () => {
    const short = writeCohort("short", [4, 10]);
    const { reports, problems } = await run({ cohort: short, density: [0.1] });
    expect(reports[0]?.cases.map((one) => one.case)).toEqual(["1"]);
    expect(problems.join()).toContain("density must give at least one slice, got 0.1 of 4 slices");
    await expect(run({ cohort: short, density: [0.01] })).rejects.toThrow("no case can be filled");
  });
});
