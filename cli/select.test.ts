import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { neverStopped } from "#core/context.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import { type SelectOptions, select } from "./select.ts";

describe("slicewise select", () => {
  let folder: string;
  const write = (path: string, content: Uint8Array | string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const writeCase = (id: string, depth: number, withMask = true) => {
    const { image, mask } = phantomCase(id, [depth, 12, 10], seededRandom(2).fork(id));
    write(`images/${id}.nii`, writeNifti(image));
    if (withMask) write(`labels/${id}.nii`, writeNifti(mask, image));
  };
  const call = async (change: Partial<SelectOptions> = {}) => {
    const out = new PassThrough();
    const log = new PassThrough();
    const options: SelectOptions = {
      cohort: folder,
      strategy: "coreset",
      density: 0.25,
      volumeFraction: 1,
      seed: 1,
      scope: "volume",
      fewest: 0,
      most: null,
      features: "descriptor",
      target: null,
      json: true,
      ...change,
    };
    await select(options, { out, log }, neverStopped);
    return { text: String(out.read() ?? ""), log: String(log.read() ?? "") };
  };
  const found = async (change: Partial<SelectOptions> = {}) =>
    JSON.parse((await call(change)).text) as {
      strategy: string;
      seed: number;
      cases: { case: string; slices: number[]; positions: number[] }[];
      diagnostics: { [key: string]: unknown; cases: unknown[] };
    };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slicewise-select-"));
    for (const [at, depth] of [8, 12, 16, 20].entries()) writeCase(`case${at}`, depth);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("gives sorted slices of every volume and their places in mm", async () => {
    const result = await found({ strategy: "fixedInterval", seed: 7 });
    expect(Object.keys(result)).toEqual(["strategy", "seed", "cases", "diagnostics"]);
    expect(result).toMatchObject({ strategy: "fixedInterval", seed: 7 });
    expect(result.cases.map(({ case: id, slices }) => [id, slices])).toEqual([
      ["case0", [2, 6]],
      ["case1", [2, 6, 10]],
      ["case2", [2, 6, 10, 14]],
      ["case3", [2, 6, 10, 14, 18]],
    ]);
    const spacing = (result.cases[0]?.positions[0] ?? 0) / 2;
    expect(spacing).toBeGreaterThan(0);
    for (const { slices, positions } of result.cases) {
      for (const [k, z] of slices.entries()) expect(positions[k]).toBeCloseTo(z * spacing, 3);
    }
    expect(result.diagnostics).toMatchObject({ volumes: 4, slices: 14, features: null });
    expect(result.diagnostics["largestGapMm"]).toBeCloseTo(4 * spacing, 3);
    expect(result.diagnostics.cases).toHaveLength(4);
  });

  it("says the same for the same seed, and takes a part of the volumes", async () => {
    const change = { strategy: "uniformRandom", volumeFraction: 0.5 } as const;
    const first = await found(change);
    expect(first.cases).toHaveLength(2);
    expect(await found(change)).toEqual(first);
    expect((await found({ ...change, seed: 2 })).cases).not.toEqual(first.cases);
  });

  it("picks as many in all over all volumes together, within the quota", async () => {
    const result = await found({ scope: "cohort", fewest: 0.5, most: 1.5 });
    const counts = result.cases.map(({ slices }) => slices.length);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(14);
    for (const [at, count] of counts.entries()) {
      expect(count).toBeGreaterThanOrEqual([1, 2, 2, 3][at] as number);
      expect(count).toBeLessThanOrEqual([3, 4, 6, 7][at] as number);
    }
    expect(result.diagnostics).toMatchObject({ scope: "cohort", features: "descriptor" });
  });

  it("needs masks only where a strategy knows the target", async () => {
    writeCase("bare", 12, false);
    expect((await found()).cases.map((one) => one.case)).toContain("bare");
    const biased = await call({ strategy: "foregroundAware" });
    expect(biased.log).toContain("case bare is left out: it has no mask");
    expect(JSON.parse(biased.text).cases).toHaveLength(4);
  });

  it("answers small volumes, and a density that gives no slice", async () => {
    writeCase("one", 1);
    const all = await found({ density: 1 });
    expect(all.cases.find((one) => one.case === "one")?.slices).toEqual([0]);
    await expect(call({ density: 0.01 })).rejects.toThrow("density must give at least one slice");
  });

  it("prints a table for people", async () => {
    const { text } = await call({ json: false });
    expect(text).toMatch(/^Core-set, seed 1\ncase +slices +largest gap, mm/);
    expect(text).toMatch(/case3 +5 of 20 /);
    expect(text).toContain("in 4 of 4 volumes");
  });
});
