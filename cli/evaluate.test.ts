import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeNifti } from "#core/formats/writeNifti.ts";
import type { Affine } from "#core/volume/grid.ts";
import { canonicalTurn, turnedVolume } from "#core/volume/orientation.ts";
import type { Volume } from "#core/volume/volume.ts";
import { evaluate } from "./evaluate.ts";

const ras: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0];
const lps: Affine = [-1, 0, 0, 3, 0, -1, 0, 2, 0, 0, 2, 0];

const volumeOf = (voxels: readonly number[], affine = ras): Volume => ({
  shape: [2, 3, 4],
  spacing: [2, 1, 1],
  affine,
  voxels: Uint8Array.from(voxels),
});
const blank = new Array<number>(24).fill(0);
const truth = blank.map((_, index) => (index >= 4 && index < 8 ? 1 : index >= 16 ? 2 : 0));

describe("evaluate", () => {
  let folder: string;
  const options = () => ({
    reference: join(folder, "reference"),
    prediction: join(folder, "prediction"),
    tolerance: 1,
  });
  const write = (part: string, name: string, volume: Volume | string) =>
    writeFileSync(
      join(folder, part, name),
      typeof volume === "string" ? volume : writeNifti(volume),
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "evaluate-"));
    for (const part of ["reference", "prediction"]) mkdirSync(join(folder, part));
    write("reference", "a.nii", volumeOf(truth));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("scores every class of equal masks with 1", async () => {
    write("prediction", "a.nii", volumeOf(truth));
    const { cases, mean, problems } = await evaluate(options());
    expect(problems).toEqual([]);
    expect(cases[0]?.classes["1"]).toMatchObject({ tp: 4, fp: 0, fn: 0, iou: 1, dice: 1, hd95: 0 });
    expect(cases[0]?.classes["2"]).toMatchObject({ tp: 8, iou: 1, nsd: 1, volumeError: 0 });
    expect(mean["1"]?.iou).toBe(1);
  });

  it("compares places in the world, whatever order a file stores them in", async () => {
    const flipped = turnedVolume(volumeOf(truth), {
      ...canonicalTurn(ras),
      flipped: [false, true, true],
    });
    expect(flipped.affine.map((value) => value + 0)).toEqual(lps);
    write("prediction", "a.nii", flipped);
    expect((await evaluate(options())).mean["1"]?.iou).toBe(1);
  });

  it("counts a class that only one mask has", async () => {
    write("prediction", "a.nii", volumeOf(truth.map((label) => (label === 2 ? 3 : label))));
    const { cases } = await evaluate(options());
    expect(cases[0]?.classes["2"]).toMatchObject({ tp: 0, fn: 8, iou: 0, hd95: null });
    expect(cases[0]?.classes["3"]).toMatchObject({ fp: 8, iou: 0, volumeError: null });
  });

  it("names what it cannot score and scores the rest", async () => {
    write("prediction", "a.nii", volumeOf(truth));
    write("reference", "b.nii", volumeOf(truth));
    write("reference", "c.nii", volumeOf(truth));
    write("prediction", "c.nii", "not a NIfTI file");
    const { cases, problems } = await evaluate(options());
    expect(cases.map((one) => one.case)).toEqual(["a"]);
    expect(problems).toEqual([
      "b has no prediction",
      expect.stringMatching(/^c cannot be scored: /),
    ]);
  });

  it("refuses folders without a common name", async () => {
    await expect(evaluate(options())).rejects.toThrow(
      "reference and prediction must share file names, got 1 references and 0 predictions",
    );
  });
});
