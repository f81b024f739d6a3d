import { describe, expect, it } from "vitest";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { METHOD_VERSION } from "#core/results/result.ts";
import { whyNotThisCohort } from "./cohortDifference.ts";

const experiment = parseExperiment({
  name: "liver",
  densities: [1],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
});
const view = (id: string, cases: Record<string, string>) => ({
  id,
  cases: Object.entries(cases).map(([name, fingerprint]) => ({ case: name, fingerprint })),
});
const queued = {
  fingerprint: "f",
  experiment,
  cohort: view("wanted", { a: "1", b: "2", c: "3" }),
  methodVersion: METHOD_VERSION,
};
const head = 'the experiment "liver" on the queue needs another cohort than this folder holds: ';
const tail = "; give every machine the same files";

describe("whyNotThisCohort", () => {
  it.each([
    [{ a: "1", b: "2" }, "1 cases are missing here (c)"],
    [{ a: "1", b: "9", c: "9" }, "2 cases have other voxels (b, c)"],
    [{ a: "1", b: "2", c: "3", d: "4" }, "1 cases are only here (d)"],
    [{ c: "3", b: "2", a: "1" }, "their cases stand in another order"],
    [{ x: "1" }, "3 cases are missing here (a, b, c); 1 cases are only here (x)"],
  ])("of %j says %s", (cases, words) => {
    expect(whyNotThisCohort(queued, view("found", cases))).toBe(head + words + tail);
  });

  it("names at most five cases", () => {
    const many = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`n${i}`, "1"]));
    const words = whyNotThisCohort({ ...queued, cohort: view("w", many) }, view("f", {}));
    expect(words).toContain("7 cases are missing here (n0, n1, n2, n3, n4, ...)");
  });

  it("of another version of the methods says so", () => {
    const words = whyNotThisCohort({ ...queued, methodVersion: "0" }, queued.cohort);
    expect(words).toContain(`is of method version 0, this program has ${METHOD_VERSION}`);
  });
});
