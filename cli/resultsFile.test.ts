import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseExperiment } from "#core/experiment/experiment.ts";
import type { TrialResult } from "#core/results/result.ts";
import { METHOD_VERSION, RESULT_SCHEMA_VERSION } from "#core/results/result.ts";
import { openResultsFile } from "./resultsFile.ts";

const experiment = parseExperiment({
  densities: [0.1],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
});

function result(trial: string, changes: Partial<TrialResult> = {}): TrialResult {
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    experiment: "print",
    methodVersion: METHOD_VERSION,
    trial,
    configuration: {
      network: "unet2d",
      density: 0.1,
      volumeFraction: 1,
      strategy: "fixedInterval",
      interpolator: "none",
    },
    repeat: 0,
    seed: 1,
    status: "done",
    error: null,
    volumes: 2,
    annotatedSlices: 8,
    iou: { mean: 0.5, pooled: 0.5, perCase: [{ case: "ä", tp: 1, fp: 1, fn: 0, iou: 0.5 }] },
    finalLoss: 0.7,
    seconds: 1,
    secondsPerStep: 0.1,
    backend: "cpu",
    device: "WebAssembly",
    finishedAt: "2025-01-01T00:00:00.000Z",
    ...changes,
  };
}

describe("openResultsFile", () => {
  let folder: string;
  let file: string;
  const openIt = (fingerprint = "print") => openResultsFile(folder, experiment, fingerprint);
  const trialsOf = async (store: Awaited<ReturnType<typeof openIt>>) =>
    (await store.all("print")).map(({ trial }) => trial);

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "slicewise-results-")), "deep", "out");
    file = join(folder, "results.jsonl");
  });
  afterEach(() => rmSync(join(folder, "..", ".."), { recursive: true }));

  it("has every result of an earlier call, line by line on the disk", async () => {
    const first = await openIt();
    await first.put(result("a"));
    await first.put(result("b"));
    expect(readFileSync(file, "utf8").match(/\n/g)).toHaveLength(2);
    const second = await openIt();
    expect(second.mended).toBeNull();
    expect(await second.all("print")).toEqual([result("a"), result("b")]);
    expect(await second.all("another")).toEqual([]);
  });

  it.each([1, 30, 0.5])("takes off a last line cut %d from its end, and goes on", async (cut) => {
    const first = await openIt();
    await first.put(result("a"));
    const line = `${JSON.stringify(result("b"))}\n`;
    const bytes = Buffer.from(line);
    const keep = cut < 1 ? Math.floor(bytes.length * cut) : bytes.length - 1 - cut;
    appendFileSync(file, bytes.subarray(0, keep));

    const second = await openIt();
    expect(second.mended).toContain("was cut short");
    expect(await trialsOf(second)).toEqual(["a"]);
    await second.put(result("b"));
    expect(await trialsOf(await openIt())).toEqual(["a", "b"]);
  });

  it("keeps a last line that lacks nothing but its end", async () => {
    await (await openIt()).put(result("a"));
    writeFileSync(file, readFileSync(file, "utf8").trimEnd());
    const second = await openIt();
    await second.put(result("b"));
    expect(await trialsOf(await openIt())).toEqual(["a", "b"]);
  });

  it("keeps one line per trial when a failed one is run again", async () => {
    const first = await openIt();
    await first.put(result("a", { status: "failed", error: "device lost", iou: null }));
    await first.put(result("b"));
    await first.put(result("a"));
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(2);
    expect(await (await openIt()).all("print")).toEqual([result("a"), result("b")]);
  });

  it("refuses results of another experiment and leaves them alone", async () => {
    await (await openIt()).put(result("a"));
    const before = readFileSync(file, "utf8");
    await expect(openIt("other")).rejects.toThrow(/holds results of another experiment/);
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(readFileSync(join(folder, "experiment.json"), "utf8")).toContain('"print"');
  });

  it("refuses results of another method version", async () => {
    await (await openIt()).put(result("a", { methodVersion: "0" }));
    await expect(openIt()).rejects.toThrow(/method version 0, this program has/);
  });

  it("refuses a broken line in the middle by its number and touches nothing", async () => {
    await (await openIt()).put(result("a"));
    appendFileSync(file, `{"trial"\n${JSON.stringify(result("b"))}\n`);
    const before = readFileSync(file, "utf8");
    await expect(openIt()).rejects.toThrow(/one result per line, line 2 does not/);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("never writes over an experiment.json that is not its own", async () => {
    await openIt();
    const own = join(folder, "experiment.json");
    writeFileSync(own, '{"name":"mine"}');
    await openIt();
    expect(readFileSync(own, "utf8")).toBe('{"name":"mine"}');
  });

  it("refuses a copy of another experiment, though it has no results yet", async () => {
    await openIt("first");
    const copy = readFileSync(join(folder, "experiment.json"), "utf8");
    await expect(openIt("second")).rejects.toThrow(
      /experiment.json is the copy of another experiment \(first, this one is second\)/,
    );
    expect(readFileSync(join(folder, "experiment.json"), "utf8")).toBe(copy);
  });

  it("loses nothing when two runs write to one folder", async () => {
    const [one, other] = [await openIt(), await openIt()];
    await one.put(result("a", { status: "failed", error: "device lost", iou: null }));
    await Promise.all([
      ...["b", "c", "d"].map((trial) => one.put(result(trial))),
      ...["e", "f", "g"].map((trial) => other.put(result(trial))),
      other.put(result("a")),
    ]);
    await one.put(result("e", { seconds: 2 }));
    for (const store of [one, other, await openIt()]) {
      expect((await trialsOf(store)).sort()).toEqual([..."abcdefg"]);
    }
    expect(await other.all("print")).toContainEqual(result("a"));
    expect(await other.all("print")).toContainEqual(result("e", { seconds: 2 }));
    expect(readdirSync(folder).sort()).toEqual(["experiment.json", "results.jsonl"]);
  });

  it("says so when the folder cannot be made", async () => {
    writeFileSync(join(folder, "..", "..", "taken"), "");
    const inFile = join(folder, "..", "..", "taken", "out");
    await expect(openResultsFile(inFile, experiment, "print")).rejects.toThrow(
      /could not be used .*check the folder/,
    );
  });
});
