import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resultOf } from "../testing/results.ts";
import { type AnalyseOptions, analyseFolder } from "./analyse.ts";

const results = [0.25, 0.5, 1].flatMap((volumeFraction) =>
  [0.1, 0.2, 0.4, 0.8].flatMap((density) =>
    [0, 1, 2].map((repeat) =>
      resultOf(
        { volumeFraction, density },
        repeat,
        Array.from(
          { length: 20 },
          (_, k) =>
            0.8 -
            2 * (80 * volumeFraction * (1 + 3 * density)) ** -0.5 +
            0.05 * Math.sin(k) +
            0.004 * Math.cos(7 * k + 3 * repeat + density),
        ),
      ),
    ),
  ),
);

describe("analyseFolder", () => {
  let folder: string;
  let log: PassThrough;
  const call = async (options: Partial<AnalyseOptions> = {}) => {
    const out = new PassThrough();
    log = new PassThrough();
    await analyseFolder(folder, { unit: "slices", ...options }, { out, log });
    return String(out.read());
  };
  const write = (text: string) => writeFileSync(join(folder, "results.jsonl"), text);
  const lines = results.map((result) => `${JSON.stringify(result)}\n`).join("");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slicewise-analyse-"));
    write(lines);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("says what was found in words and numbers", async () => {
    const text = await call({ reach: [0.6], budget: 400 });
    expect(text).toContain("36 trials finished, 0 failed; 20 test cases");
    expect(text).toMatch(/\nunet2d +none +0\.25 +0\.1 +80 +0\.\d{3} +0\.\d{3} +3 +0\.\d{3} \[/);
    expect(text).toMatch(/doubling volumes gained .* more than doubling density/);
    expect(text).toMatch(/IoU 0\.6 needs \d+ \[/);
    expect(text).toMatch(/Plan: 400 slices, 5 in each of 80 volumes; expected IoU 0\.\d{3} \[/);
  });

  it("is plain JSON for other programs, without the bootstrap's surfaces", async () => {
    const json = JSON.parse(await call({ json: true, budget: 10, unit: "hours" }));
    expect(json.trials).toEqual({ done: 36, failed: 0 });
    expect(json.table).toHaveLength(12);
    expect(json.surfaces[0].doubt).toBeUndefined();
    expect(json.surfaces[0].surface.ceiling).toBeGreaterThan(0.5);
    expect(json.plan.hours).toBeLessThanOrEqual(10);
  });

  it("counts hours by a log of measured times", async () => {
    const timeLog = join(folder, "times.csv");
    writeFileSync(timeLog, "case,slices,minutes\na,2,14\nb,4,18\nc,10,30\n");
    const json = JSON.parse(await call({ json: true, budget: 400, timeLog }));
    // 10 minutes per volume and 2 per slice.
    expect(json.plan.hours).toBeCloseTo((80 * 10 + 400 * 2) / 60, 9);
    expect(String(log.read())).toContain("2.00 minutes per slice and 10.00 per volume");
  });

  it("passes over a line that a run is just writing, and writes nothing itself", async () => {
    const torn = `${lines}{"schemaVersion":1,"exp`;
    write(torn);
    expect(await call()).toContain("36 trials finished");
    expect(readFileSync(join(folder, "results.jsonl"), "utf8")).toBe(torn);
  });

  it("says so when no trial is finished yet", async () => {
    write("");
    const text = await call({ budget: 100 });
    expect(text).toContain("no finished trial");
    expect(text).toContain("there is nothing to analyse yet");
  });

  it("refuses a folder without results, broken lines and mixed experiments", async () => {
    write(`nonsense\n${lines}`);
    await expect(call()).rejects.toThrow(/one result per line, line 1 does not/);
    write(`${lines}${JSON.stringify({ ...results[0], trial: "x", experiment: "other" })}\n`);
    await expect(call()).rejects.toThrow("must hold one experiment, got 2");
    rmSync(join(folder, "results.jsonl"));
    await expect(call()).rejects.toThrow(/name the output folder of a run/);
    write(lines);
    await expect(call({ cost: join(folder, "none.json") })).rejects.toThrow(
      "cannot be read as JSON",
    );
  });
});
