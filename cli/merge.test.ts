import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { expandExperiment, experimentFingerprint } from "#core/experiment/trial.ts";
import type { TrialResult } from "#core/results/result.ts";
import { failedResult, trialResult } from "#core/results/trialResult.ts";
import { merge } from "./merge.ts";
import { folderStatus } from "./status.ts";

const experiment = parseExperiment({
  name: "parts",
  densities: [0.1, 0.2, 0.4],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
  repeats: 1,
});
const fingerprint = experimentFingerprint(experiment, "cohort");
const trials = expandExperiment(experiment);
const where = {
  experiment: fingerprint,
  volumes: 2,
  annotatedSlices: 4,
  seconds: 10,
  backend: "cpu",
  device: "d",
} as const;

const done = (index: number, finalLoss = 0.5): TrialResult =>
  trialResult(trials[index] ?? fail(), where, {
    status: "done",
    error: null,
    iou: { mean: 0.5, pooled: 0.5, perCase: [] },
    finalLoss,
    secondsPerStep: 0.1,
  });
const failed = (index: number) => failedResult(trials[index] ?? fail(), where, new Error("no"));
const fail = (): never => {
  throw new Error("no such trial");
};

describe("merge", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slicewise-merge-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, results: readonly object[], copy: object = experiment) => {
    mkdirSync(join(folder, name), { recursive: true });
    const lines = results.map((one) => `${JSON.stringify(one)}\n`).join("");
    writeFileSync(join(folder, name, "results.jsonl"), lines);
    const text = JSON.stringify({ ...copy, fingerprint });
    writeFileSync(join(folder, name, "experiment.json"), text);
  };
  const call = (...names: string[]) =>
    merge(
      names.map((name) => join(folder, name)),
      join(folder, "merged"),
      { out: new PassThrough(), log: new PassThrough() },
    );
  const merged = () =>
    readFileSync(join(folder, "merged/results.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as TrialResult);

  it("joins parts under a folder; a finished result beats a failed one", async () => {
    write("parts/part-0", [done(0), failed(1)]);
    write("parts/part-1", [done(1), done(2)]);
    expect(await call("parts")).toEqual({ folders: 2, trials: 3, doubles: 1, failed: 0 });
    expect(merged()).toEqual([done(0), done(1), done(2)].map(withAnyTime));
    expect(await folderStatus(join(folder, "merged"))).toMatchObject({
      name: "parts",
      trials: 3,
      done: 3,
      failed: 0,
      secondsLeft: 0,
    });
  });

  it("keeps the first of two finished results, and what was merged before", async () => {
    write("a", [done(0, 0.1)]);
    write("b", [done(0, 0.2), failed(2)]);
    expect(await call("a", "b")).toMatchObject({ trials: 2, doubles: 1, failed: 1 });
    write("c", [done(0, 0.3), done(2)]);
    expect(await call("c")).toMatchObject({ trials: 2, doubles: 0, failed: 0 });
    expect(merged().map(({ finalLoss }) => finalLoss)).toEqual([0.1, 0.5]);
  });

  it("takes the copy of the experiment that grew", async () => {
    write("a", [done(0)], { ...experiment, densities: [0.1] });
    write("b", [done(1)]);
    await call("a", "b");
    expect((await folderStatus(join(folder, "merged"))).trials).toBe(3);
  });

  it("refuses results of two experiments, and writes nothing", async () => {
    write("a", [done(0)]);
    write("b", [{ ...done(1), experiment: "other" }]);
    await expect(call("a", "b")).rejects.toThrow(
      `results must be of one experiment, got ${fingerprint} and, in ${join(folder, "b")}, other`,
    );
    expect(() => merged()).toThrow("ENOENT");
  });

  it("refuses folders without results, and results of another method version", async () => {
    mkdirSync(join(folder, "empty"));
    await expect(call("empty")).rejects.toThrow("must hold results.jsonl with a result, got none");
    await expect(call("nowhere")).rejects.toThrow("nowhere cannot be read");
    write("old", [{ ...done(0), methodVersion: "0" }]);
    await expect(call("old")).rejects.toThrow("old holds results of method version 0");
  });
});

const withAnyTime = (one: TrialResult) => ({ ...one, finishedAt: expect.any(String) });
