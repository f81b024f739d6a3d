import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { expandExperiment } from "#core/experiment/trial.ts";
import { parsePart, partFolder, trialsOfPart } from "./part.ts";

const trials = expandExperiment(
  parseExperiment({
    densities: [0.1, 0.2, 0.4],
    volumeFractions: [0.5, 1],
    strategies: ["fixedInterval"],
    repeats: 3,
  }),
);

describe("parts of an experiment", () => {
  it("hold every trial once, in sizes that differ by one at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (count) => {
        const parts = Array.from({ length: count }, (_, index) =>
          trialsOfPart(trials, { index, count }),
        );
        expect(new Set(parts.flat().map(({ id }) => id)).size).toBe(trials.length);
        expect(parts.flat()).toHaveLength(trials.length);
        const sizes = parts.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([
    { text: "0/1", part: { index: 0, count: 1 }, folder: "out/part-0-of-1" },
    { text: "3/20", part: { index: 3, count: 20 }, folder: "out/part-03-of-20" },
  ])("are named $text and lie in $folder", ({ text, part, folder }) => {
    expect(parsePart(text)).toEqual(part);
    expect(partFolder("out", part)).toBe(folder);
  });

  it.each(["20/20", "1/0", "-1/2", "1", "a/b", "1/2/3", ""])("are not named %j", (text) => {
    expect(() => parsePart(text)).toThrow(`must be i/n with i from 0 to n - 1, got ${text}`);
  });
});
