import { describe, expect, it } from "vitest";
import { cohortOf } from "../../testing/cohorts.ts";
import { resultOf } from "../../testing/results.ts";
import { parseExperiment } from "../experiment/experiment.ts";
import { exportJson } from "./exportJson.ts";
import { belongsToResults, mayHoldResults, openedResults } from "./openedResults.ts";

const experiment = parseExperiment({
  name: "opened",
  densities: [0.1, 0.2],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
});
const one = resultOf({ density: 0.1 }, 0, [0.5]);
const two = resultOf({ density: 0.2 }, 0, [0.6]);
const failed = resultOf({ density: 0.2 }, 0, [0.1], { status: "failed", error: "no", iou: null });
const lines = (...results: readonly object[]) =>
  results.map((result) => `${JSON.stringify(result)}\n`).join("");
const copy = { path: "experiment.json", text: JSON.stringify({ ...experiment, fingerprint: "e" }) };

describe("openedResults", () => {
  it("reads an output folder, its last line still being written", () => {
    const text = lines(one, two).slice(0, -20);
    expect(openedResults([{ path: "results.jsonl", text }, copy])).toEqual({
      fingerprint: "e",
      experiment,
      results: [one],
    });
  });

  it("joins parts; a finished result beats a failed one wherever it stands", () => {
    const parts = [
      { path: "part-0-of-2/results.jsonl", text: lines(one, failed) },
      { path: "part-1-of-2/results.jsonl", text: lines(two) },
    ];
    for (const files of [parts, [...parts].reverse()]) {
      const results = openedResults(files)?.results ?? [];
      expect(new Set(results)).toEqual(new Set([one, two]));
    }
    expect(openedResults(parts)?.experiment).toBeNull();
  });

  it("reads what was exported, with the same numbers", () => {
    const text = JSON.stringify(exportJson(experiment, cohortOf(["a"]), [one, two]));
    expect(openedResults([{ path: "opened.json", text }])).toEqual({
      fingerprint: "e",
      experiment,
      results: [one, two],
    });
  });

  it.each([
    ["no JSON", "{"],
    ["JSON of something else", '{"labels": {"0": "background"}}'],
    ["the copy of an experiment alone", copy.text],
    ["nothing", ""],
  ])("finds no results in %s", (_, text) => {
    expect(openedResults([{ path: "dataset.json", text }])).toBeNull();
  });

  it("refuses what does not compare, and lines that are no results", () => {
    const other = { ...two, experiment: "other" };
    expect(() => openedResults([{ path: "results.jsonl", text: lines(one, other) }])).toThrow(
      "results must be of one experiment, got e and, in results.jsonl, other",
    );
    const old = { ...one, methodVersion: "0" };
    expect(() => openedResults([{ path: "results.jsonl", text: lines(old) }])).toThrow(
      "results.jsonl holds results of method version 0",
    );
    expect(() => openedResults([{ path: "results.jsonl", text: `{}\n${lines(one)}` }])).toThrow(
      "results.jsonl must hold one result per line, line 1 does not",
    );
  });

  it("lets no file name a field of every object", () => {
    const text = `{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}},
      "methodVersion": "1", "experiment": {"__proto__": {"polluted": 1}}, "results": []}`;
    openedResults([{ path: "a.json", text }]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("files of results", () => {
  it.each([
    ["results.jsonl", true, true],
    ["part-1-of-2/results.jsonl", true, true],
    ["liver.json", true, true],
    ["part-1-of-2/experiment.json", false, true],
    ["sub/dataset.json", false, false],
    ["imagesTr/a.nii.gz", false, false],
    ["results.jsonl.lock", false, false],
  ])("%s may hold results: %s, is read with them: %s", (path, may, belongs) => {
    expect(mayHoldResults(path)).toBe(may);
    expect(belongsToResults(path)).toBe(belongs);
  });
});
