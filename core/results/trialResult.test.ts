import { describe, expect, it } from "vitest";
import { parseExperiment } from "../experiment/experiment.ts";
import { expandExperiment, type Trial } from "../experiment/trial.ts";
import { openTrials } from "./openTrials.ts";
import { parseResult } from "./result.ts";
import { failedResult, trialResult } from "./trialResult.ts";

const trials = expandExperiment(
  parseExperiment({ densities: [0.1, 0.4], volumeFractions: [1], strategies: ["fixedInterval"] }),
);
const [first] = trials as [Trial];
const circumstances = {
  experiment: "e",
  volumes: null,
  annotatedSlices: null,
  seconds: 2,
  backend: "cpu",
  device: "WebAssembly",
} as const;

describe("the result of a trial", () => {
  it("is one that can be read back, with its trial and its reason", () => {
    const failed = failedResult(first, circumstances, new Error("the device was lost"));
    expect(parseResult(structuredClone(failed))).toEqual(failed);
    expect(failed).toMatchObject({
      ...circumstances,
      trial: first.id,
      seed: first.seed,
      status: "failed",
      error: "the device was lost",
      iou: null,
    });
    const done = trialResult(first, circumstances, {
      status: "done",
      error: null,
      iou: { mean: 0.5, pooled: 0.5, perCase: [] },
      finalLoss: 0.1,
      secondsPerStep: 0.01,
    });
    expect(parseResult(structuredClone(done))).toEqual(done);
  });

  it("closes its trial only when it is done", () => {
    const results = [
      { trial: first.id, status: "done" as const },
      { trial: trials[1]?.id ?? "", status: "failed" as const },
      { trial: "of another grid", status: "done" as const },
    ];
    expect(openTrials(trials, results)).toEqual(trials.slice(1));
    expect(openTrials(trials, [])).toEqual(trials);
  });
});
