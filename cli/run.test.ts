import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { run } from "./run.ts";

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;

/** Image and mask of a bright box in noise. */
function box(seed: number, shape: Shape3 = [5, 16, 16], label = 1) {
  const random = seededRandom(seed);
  const size = shape[1] * shape[2];
  const mask = Uint8Array.from({ length: shape[0] * size }, (_, place) => {
    const [y, x] = [Math.floor((place % size) / shape[2]), place % shape[2]];
    return y > 3 && y < 10 && x > 4 && x < 12 ? label : 0;
  });
  const image = Float32Array.from(mask, (one) => (one ? 3 : 0) + random.normal());
  const grid = { shape, spacing: [1, 1, 1] as const, affine };
  return {
    image: gzipSync(writeNifti({ ...grid, voxels: image })),
    mask: gzipSync(writeNifti({ ...grid, voxels: mask })),
  };
}

const design = {
  densities: [0.4],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
  repeats: 1,
  iterations: 2,
  batchSize: 2,
  split: { test: 0.25, validation: 0, seed: 1 },
};

describe("run", () => {
  let folder: string;
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const writeCohort = (count = 4) => {
    for (let index = 0; index < count; index++) {
      const { image, mask } = box(index);
      write(`cohort/imagesTr/case${index}.nii.gz`, image);
      write(`cohort/labelsTr/case${index}.nii.gz`, mask);
    }
  };
  const call = async (signal = new AbortController().signal) => {
    const out = new PassThrough();
    const log = new PassThrough();
    const options = {
      cohort: join(folder, "cohort"),
      out: join(folder, "out"),
      backend: "cpu",
    } as const;
    try {
      const isDone = await run(join(folder, "experiment.json"), options, { out, log }, signal);
      return { isDone, error: null, out: textOf(out), log: textOf(log) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { isDone: false, error: message, out: textOf(out), log: textOf(log) };
    }
  };
  const textOf = (stream: PassThrough) => String(stream.read() ?? "");
  const results = () => readFileSync(join(folder, "out/results.jsonl"), "utf8");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slicewise-run-"));
    write("experiment.json", JSON.stringify(design));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("runs an experiment, and runs nothing twice", async () => {
    writeCohort();
    const first = await call();
    expect(first).toMatchObject({ isDone: true, error: null });
    expect(first.out).toMatch(/^network +strategy .*\nunet2d +fixedInterval +none +1 +0.4 +3 +6 /);
    expect(first.log).toContain("[1/1] unet2d-d0.4-v1-fixedInterval-none-r0: IoU 0.");
    const written = results();
    const second = await call();
    expect(second.log).toContain("1 trials, 1 finished before");
    expect(second.out).toBe(first.out);
    expect(results()).toBe(written);
  });

  it("lets an experiment grow in the same folder", async () => {
    writeCohort();
    await call();
    write("experiment.json", JSON.stringify({ ...design, densities: [0.4, 0.8] }));
    const grown = await call();
    expect(grown.log).toContain("2 trials, 1 finished before");
    expect(results().trimEnd().split("\n")).toHaveLength(2);
  });

  it("refuses a folder with results of another experiment and leaves it alone", async () => {
    writeCohort();
    await call();
    const written = results();
    write("experiment.json", JSON.stringify({ ...design, iterations: 3 }));
    expect((await call()).error).toMatch(/out holds results of another experiment/);
    expect(results()).toBe(written);
  });

  it("goes on without cases that are broken, and says why", async () => {
    writeCohort(6);
    const whole = readFileSync(join(folder, "cohort/imagesTr/case0.nii.gz"));
    write("cohort/imagesTr/case0.nii.gz", whole.subarray(0, whole.length / 2));
    write("cohort/labelsTr/case1.nii.gz", box(1, [4, 16, 16]).mask);
    const { isDone, log } = await call();
    expect(isDone).toBe(true);
    expect(log).toMatch(/problem: case case0 \(left out\): .+/);
    expect(log).toMatch(/problem: case case1 \(left out\): .*(grid|shape)/);
  });

  it("stops between steps and keeps what is finished", async () => {
    writeCohort();
    const long = { ...design, densities: [0.4, 0.8], repeats: 20, iterations: 40 };
    write("experiment.json", JSON.stringify(long));
    const controller = new AbortController();
    const running = call(controller.signal);
    const file = join(folder, "out/results.jsonl");
    await expect.poll(() => existsSync(file) && results() !== "", { timeout: 30_000 }).toBe(true);
    const finished = results();
    controller.abort(new Error("enough"));
    expect((await running).error).toBe("enough");
    const kept = results();
    expect(kept.startsWith(finished)).toBe(true);
    const lines = kept.trimEnd().split("\n");
    expect(lines.length).toBeLessThan(40);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ status: "done" });
  });

  const refusals: [string, () => void, RegExp, RegExp?][] = [
    ["no cohort folder", () => undefined, /cohort cannot be read as a folder/],
    ["an empty folder", () => mkdirSync(join(folder, "cohort")), /the folder is empty/],
    ["a folder without images", () => write("cohort/a.txt", ""), /no NIfTI file/],
    [
      "only broken cases",
      () => {
        write("cohort/imagesTr/a.nii.gz", "no image");
        write("cohort/labelsTr/a.nii.gz", "no mask");
      },
      /no case has an image and a mask that can be used/,
    ],
    [
      "two masks for one image",
      () => {
        write("cohort/a.nii.gz", box(1).image);
        write("cohort/a_seg.nii.gz", box(1).mask);
        write("cohort/a_mask.nii.gz", box(1).mask);
      },
      /no case has an image and a mask that can be used/,
      /: two masks for one image \(a_mask\.nii\.gz, a_seg\.nii\.gz\); keep one of them\n/,
    ],
    ["no JSON", () => write("experiment.json", "{"), /experiment.json is not JSON/],
    ["no experiment", () => rmSync(join(folder, "experiment.json")), /cannot be read/],
    [
      "an unknown strategy",
      () => write("experiment.json", JSON.stringify({ ...design, strategies: ["best"] })),
      /strategies\.0 must be one of fixedInterval, .*got "best"/,
    ],
    [
      "an unknown network",
      () => write("experiment.json", JSON.stringify({ ...design, network: "resnet" })),
      /networks.0 must be one of unet2d, unet3d, .*got "resnet"/,
    ],
    [
      "an unknown interpolator",
      () => write("experiment.json", JSON.stringify({ ...design, interpolators: ["spline"] })),
      /interpolators\.0 must be one of none, nearest, signedDistance, morphological, opticalFlow, learned, got "spline"/,
    ],
    [
      "more volumes than there are",
      () => write("experiment.json", JSON.stringify({ ...design, volumeFractions: [2] })),
      /volumeFractions\.0 must be a number above 0 and at most 1, got 2/,
    ],
    [
      "too few volumes",
      () => write("experiment.json", JSON.stringify({ ...design, volumeFractions: [0.1] })),
      /volume fraction must give at least one volume, got 0.1 of 3/,
    ],
    [
      "more slices than there are",
      () => write("experiment.json", JSON.stringify({ ...design, densities: [1.5] })),
      /densities\.0 must be a number above 0 and at most 1, got 1.5/,
    ],
    [
      "a density of no slice",
      () => write("experiment.json", JSON.stringify({ ...design, densities: [0.05] })),
      /density must give at least one slice, got 0.05 of 5 slices/,
    ],
    [
      "a label nobody drew",
      () => write("experiment.json", JSON.stringify({ ...design, target: { labels: [7] } })),
      /label 7 occurs in no case; choose among 1/,
    ],
    [
      "test cases nobody has",
      () => write("experiment.json", JSON.stringify({ ...design, split: { test: ["x"] } })),
      /split\.test must list cases of the cohort, got x/,
    ],
  ];
  it.each(refusals)("refuses %s and writes nothing", async (name, prepare, message, logged) => {
    if (!/folder|broken|two masks/.test(name)) writeCohort();
    prepare();
    const { error, log } = await call();
    expect(error).toMatch(message);
    if (logged) expect(log).toMatch(logged);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });
});
