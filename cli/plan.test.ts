import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { neverStopped } from "#core/context.ts";
import { csvRows } from "#core/csvText.ts";
import { readNifti } from "#core/formats/nifti.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { resultOf } from "../testing/results.ts";
import { type PlanOptions, planCohort } from "./plan.ts";
import { worklistFormats } from "./writeWorklist.ts";

const image = (seed: number, shape: Shape3 = [40, 8, 8]) => {
  const random = seededRandom(seed);
  const voxels = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, () =>
    random.normal(),
  );
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, -30] as const;
  return gzipSync(writeNifti({ shape, spacing: [2, 1, 1], affine, voxels }));
};

describe("planCohort", () => {
  let folder: string;
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const call = async (options: Partial<PlanOptions> = {}) => {
    const out = new PassThrough();
    const log = new PassThrough();
    const all: PlanOptions = {
      cohort: join(folder, "scans"),
      out: join(folder, "plan"),
      budget: 20,
      unit: "slices",
      strategy: "fixedInterval",
      seed: 1,
      target: "liver",
      formats: worklistFormats,
      ...options,
    };
    await planCohort(all, { out, log }, neverStopped);
    return { out: String(out.read() ?? ""), log: String(log.read() ?? "") };
  };
  const rows = () => csvRows(readFileSync(join(folder, "plan/worklist.csv"), "utf8")).slice(1);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slicewise-plan-"));
    for (let index = 0; index < 5; index++) write(`scans/scan${index}.nii.gz`, image(index));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("spends a budget of slices to the last one, over images without masks", async () => {
    const { out } = await call();
    expect(out).toContain("Plan: 20 slices, 4 in each of 5 volumes; no score is promised");
    expect(out).toContain("no experiment was given");
    expect(rows()).toHaveLength(20);
    expect(new Set(rows().map(([id]) => id)).size).toBe(5);
    expect(
      rows()
        .slice(0, 5)
        .map((row) => row[6]),
    ).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("writes a folder per tool, the nnU-Net masks on the images' own grids", async () => {
    await call({ budget: 7 });
    expect(readdirSync(join(folder, "plan")).sort()).toEqual(
      [...worklistFormats, "plan.json", "worklist.csv"].sort(),
    );
    expect(readdirSync(join(folder, "plan/cvat/slices"))).toHaveLength(7);
    const mask = readNifti(readFileSync(join(folder, "plan/nnunet/labelsTr/scan0.nii.gz"))).volume;
    const scan = readNifti(readFileSync(join(folder, "scans/scan0.nii.gz"))).volume;
    expect(mask.affine).toEqual(scan.affine);
    const open = rows().filter(([id]) => id === "scan0").length;
    expect(mask.voxels.filter((label) => label === 0)).toHaveLength(open * 64);
  });

  it("takes fewer volumes where the budget is small, the same ones for the same seed", async () => {
    const { out } = await call({ budget: 6, formats: [] });
    expect(out).toContain("6 slices, 2 in each of 3 volumes");
    const first = rows();
    rmSync(join(folder, "plan"), { recursive: true });
    await call({ budget: 6, formats: [] });
    expect(rows()).toEqual(first);
    rmSync(join(folder, "plan"), { recursive: true });
    await call({ budget: 6, formats: [], seed: 2 });
    expect(rows()).not.toEqual(first);
  });

  it("promises a score from an experiment, with why", async () => {
    const results = [0.25, 0.5, 1].flatMap((volumeFraction) =>
      [0.1, 0.2, 0.4].flatMap((density) =>
        [0, 1].map((repeat) => {
          const iou = 0.8 - 2 * (80 * volumeFraction * (1 + 3 * density)) ** -0.5 + 0.002 * repeat;
          return resultOf({ volumeFraction, density }, repeat, [iou, iou]);
        }),
      ),
    );
    write("results/results.jsonl", results.map((one) => `${JSON.stringify(one)}\n`).join(""));
    const { out } = await call({
      from: join(folder, "results"),
      budget: 50,
      json: true,
      formats: [],
    });
    const plan = JSON.parse(out);
    expect(plan).toMatchObject({ source: "experiment", slices: 50, volumes: 5, seed: 1 });
    expect(plan.iou).toBeGreaterThan(0.1);
    // Five volumes, where the experiment measured 20 and more.
    expect(plan.warnings[0].message).toContain("outside what the experiment measured");
    expect(plan.worklist).toHaveLength(5);
    expect(plan.worklist[0].slices[0]).toMatchObject({ axis: "k" });
    expect(plan.reasons.join("\n")).toContain("slices of one volume repeat each other");
  });

  it("says that an experiment without a finished trial bears no plan", async () => {
    write("results/results.jsonl", "");
    const { out } = await call({ from: join(folder, "results"), formats: [] });
    expect(out).toContain("the experiment does not bear a plan (no trial is finished)");
  });

  it("goes on without images that are broken, and says which", async () => {
    write("scans/scan9.nii.gz", "no image");
    const { log } = await call({ formats: [] });
    expect(log).toMatch(/look: scan9\.nii\.gz: .* \(left out\)/);
    expect(rows()).toHaveLength(20);
  });

  it("keeps a budget of hours", async () => {
    const { out } = await call({ budget: 1, unit: "hours", json: true, formats: [] });
    const plan = JSON.parse(out);
    expect(plan.hours).toBeLessThanOrEqual(1);
    expect(plan.slices).toBe(rows().length);
  });

  it.each<[string, () => void, Partial<PlanOptions>, RegExp]>([
    [
      "an empty folder",
      () => rmSync(join(folder, "scans"), { recursive: true }),
      {},
      /cannot be read as a folder/,
    ],
    [
      "a budget of nothing",
      () => undefined,
      { budget: 0 },
      /budget must pay for at least one slice/,
    ],
    [
      "results that are none",
      () => undefined,
      { from: "nowhere" },
      /name the output folder of a run/,
    ],
    [
      "a folder that is taken",
      () => write("plan/mine.txt", "mine"),
      {},
      /plan must be empty or new, it holds 1 files/,
    ],
  ])("refuses %s and writes nothing", async (_, prepare, options, message) => {
    prepare();
    await expect(call(options)).rejects.toThrow(message);
    expect(existsSync(join(folder, "plan/worklist.csv"))).toBe(false);
  });
});
