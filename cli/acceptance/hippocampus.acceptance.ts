import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseResult, type TrialResult } from "#core/results/result.ts";
import { hasShared, sharedFolder } from "../../testing/reference.ts";

/**
 * Real training on real volumes by the built runner, long enough to learn: the claim that
 * more volumes at the same density score clearly better, in every one of three seeds.
 */

type DataIndex = Readonly<
  Record<string, { readonly cases: readonly { patient: string; image: string; mask: string }[] }>
>;

const runner = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const seeds = [1, 2, 3] as const;
const run = promisify(execFile);

describe.skipIf(!hasShared)("120 hippocampus volumes, 64 x 64 slices, 400 steps of 8, CPU", () => {
  const folder = mkdtempSync(join(tmpdir(), "slicewise-hippocampus-"));
  const results = new Map<number, TrialResult[]>();

  beforeAll(async () => {
    writeCohort(join(folder, "cohort"));
    // One process per seed and as many at once as there are cores: a trial uses one.
    const waiting = [...seeds];
    const lane = async () => {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        results.set(seed, await runSeed(folder, seed));
      }
    };
    await Promise.all(Array.from({ length: Math.min(3, availableParallelism()) }, lane));
    report(results);
  }, 30 * 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const iou = (seed: number, volumeFraction: number): number =>
    results.get(seed)?.find((one) => one.configuration.volumeFraction === volumeFraction)?.iou
      ?.mean ?? Number.NaN;

  it.each(seeds)("trains on 90 volumes or 11 of them and scores 30 others, seed %d", (seed) => {
    const [few, all] = [...(results.get(seed) ?? [])].sort(
      (a, b) => (a.volumes ?? 0) - (b.volumes ?? 0),
    );
    expect([few?.volumes, all?.volumes]).toEqual([11, 90]);
    expect(few?.iou?.perCase).toHaveLength(30);
    expect(all?.iou?.perCase.map((one) => one.case)).toEqual(
      few?.iou?.perCase.map((one) => one.case),
    );
  });

  it.each(seeds)("reaches a mean test IoU of 0.62 at density 0.1, seed %d", (seed) => {
    expect(iou(seed, 1)).toBeGreaterThanOrEqual(0.62);
  });

  it.each(seeds)("gains at least 0.05 from all volumes over an eighth, seed %d", (seed) => {
    expect(iou(seed, 1) - iou(seed, 0.125)).toBeGreaterThanOrEqual(0.05);
  });
});

/** The shared hippocampus volumes as a folder a user would have, patients named. */
function writeCohort(folder: string): void {
  const data = `${sharedFolder}data/`;
  const index = JSON.parse(readFileSync(`${data}index.json`, "utf8")) as DataIndex;
  const cases = index["hippocampus"]?.cases ?? [];
  for (const part of ["images", "labels"]) mkdirSync(join(folder, part), { recursive: true });
  const rows = cases.map(({ patient, image, mask }) => {
    copyFileSync(data + image, join(folder, "images", basename(image)));
    copyFileSync(data + mask, join(folder, "labels", basename(mask)));
    return `${basename(image).replace(/\.nii(\.gz)?$/, "")},${patient}`;
  });
  writeFileSync(join(folder, "cases.csv"), `case,patient\n${rows.join("\n")}\n`);
}

async function runSeed(folder: string, seed: number): Promise<TrialResult[]> {
  const experiment = {
    name: `hippocampus ${seed}`,
    target: { labels: [1, 2] },
    densities: [0.1],
    volumeFractions: [0.125, 1],
    strategies: ["fixedInterval"],
    repeats: 1,
    seed,
    iterations: 400,
    batchSize: 8,
    patch: [64, 64],
    split: { test: 0.25, validation: 0, seed: 1 },
  };
  const path = join(folder, `experiment${seed}.json`);
  const out = join(folder, `out${seed}`);
  writeFileSync(path, JSON.stringify(experiment));
  await run(process.execPath, [
    ...[runner, "run", path, "--cohort", join(folder, "cohort")],
    ...["--out", out, "--backend", "cpu"],
  ]);
  return readFileSync(join(out, "results.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => parseResult(JSON.parse(line)));
}

function report(results: ReadonlyMap<number, readonly TrialResult[]>): void {
  for (const [seed, trials] of results) {
    for (const { configuration, iou, seconds, secondsPerStep, device } of trials) {
      process.stdout.write(
        `seed ${seed}, volume fraction ${configuration.volumeFraction}: IoU ${iou?.mean?.toFixed(3)}, ` +
          `${seconds.toFixed(0)} s, ${((secondsPerStep ?? 0) * 1000).toFixed(0)} ms per step, ${device}\n`,
      );
    }
  }
}
