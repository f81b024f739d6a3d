import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { neverStopped } from "#core/context.ts";
import { readNifti } from "#core/formats/nifti.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import { predict } from "./predict.ts";
import { run } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "slicewise-predict-"));
afterAll(() => rmSync(folder, { recursive: true }));

const trial = "unet3d-d1-v1-fixedInterval-none-r0";
const streams = () => ({ out: new PassThrough(), log: new PassThrough() });
const niftiAt = (...path: string[]) => readNifti(readFileSync(join(folder, ...path))).volume;

beforeAll(async () => {
  for (const part of ["images", "labels"])
    mkdirSync(join(folder, "cohort", part), { recursive: true });
  for (const id of ["a", "b", "c"]) {
    const { image, mask } = phantomCase(id, [8, 14, 16], seededRandom(7).fork(id));
    const place = { ...image, affine: [-2, 0, 0, 40, 0, 2, 0, -7, 0, 0, 3, 5] as const };
    // The target is label 3 in the files.
    const labels = { ...place, voxels: mask.classes.map((one) => 3 * one) };
    writeFileSync(join(folder, "cohort/images", `${id}.nii`), writeNifti(place));
    writeFileSync(join(folder, "cohort/labels", `${id}.nii`), writeNifti(labels));
  }
  const experiment = {
    ...{ target: { labels: [3] }, networks: ["unet3d"], densities: [1], volumeFractions: [1] },
    ...{ strategies: ["fixedInterval"], repeats: 1, iterations: 25, patch3d: [8, 16, 16] },
    ...{ batchSize3d: 2, learningRate: 0.01, split: { test: ["c"] } },
  };
  writeFileSync(join(folder, "experiment.json"), JSON.stringify(experiment));
  const options = {
    cohort: join(folder, "cohort"),
    out: join(folder, "out"),
    backend: "cpu",
  } as const;
  const keep = { predictions: true, networks: true };
  await run(join(folder, "experiment.json"), { ...options, ...keep }, streams(), neverStopped);
});

describe("what a run keeps", () => {
  it("is the prediction of each test case on its image's grid, with the target's label", () => {
    const kept = niftiAt("out/predictions", trial, "c.nii.gz");
    const image = niftiAt("cohort/images/c.nii");
    // The image is stored towards left; kept masks lie in the order used here, at the same place.
    expect([...kept.shape].sort()).toEqual([...image.shape].sort());
    expect(kept.spacing).toEqual(image.spacing);
    expect(new Set(kept.voxels)).toEqual(new Set([0, 3]));
  });

  it("is a network that predicts the same again", async () => {
    const network = join(folder, "out/networks", `${trial}.safetensors`);
    const options = {
      images: join(folder, "cohort/images"),
      out: join(folder, "masks"),
      backend: "cpu",
    } as const;
    await predict(network, options, streams(), neverStopped);
    const again = niftiAt("masks/c.nii.gz");
    expect(again).toEqual(niftiAt("out/predictions", trial, "c.nii.gz"));
  });
});
