import { describe, expect, it } from "vitest";
import { caseSummary, cohortOf } from "../../testing/cohorts.ts";
import { resultOf } from "../../testing/results.ts";
import { parseExperiment } from "../experiment/experiment.ts";
import { exportJson } from "./exportJson.ts";
import { parseResult, RESULT_SCHEMA_VERSION } from "./result.ts";

const experiment = parseExperiment({
  densities: [0.1],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
});
const secret = { severity: "error" as const, message: "/home/me/x.nii is torn", paths: ["/home"] };
const cohort = {
  ...cohortOf(["a"]),
  cases: [caseSummary("a"), caseSummary("b", { imagePath: "/home/me/b.nii", problems: [secret] })],
  problems: [secret],
};

describe("exportJson", () => {
  it("reads back: experiment and results are as they were", () => {
    const results = [resultOf({}, 0, [0.4]), resultOf({}, 1, [0.5])];
    const read = JSON.parse(JSON.stringify(exportJson(experiment, cohort, results)));
    expect(read.schemaVersion).toBe(RESULT_SCHEMA_VERSION);
    expect(parseExperiment(read.experiment)).toEqual(experiment);
    expect(read.results.map(parseResult)).toEqual(results);
    expect(read.cohort.cases.map((one: { usable: boolean }) => one.usable)).toEqual([true, false]);
  });

  it("tells nothing of where files lie", () => {
    const text = JSON.stringify(exportJson(experiment, cohort, []));
    expect(text).not.toContain("/home");
    expect(text).not.toContain(".nii");
  });
});
