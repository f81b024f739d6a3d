import { describe, expect, it } from "vitest";
import { stepNotes, stepOfHash } from "./steps.ts";
import { createAppStore } from "./store/store.ts";

describe("stepOfHash", () => {
  it.each([
    ["#results", "results"],
    ["#run", "run"],
    ["", "cohort"],
    ["#nonsense", "cohort"],
  ])("%j opens %s", (hash, expected) => {
    expect(stepOfHash(hash)).toBe(expected);
  });
});

describe("stepNotes", () => {
  it("says what is missing at the start", () => {
    const notes = stepNotes(createAppStore().getState());
    expect(Object.values(notes).map(({ note }) => note)).toEqual([
      "Open a cohort",
      "Needs a cohort",
      "Needs a cohort",
      "Needs a cohort",
      "No trial has finished",
    ]);
    expect(Object.values(notes).some(({ isDone }) => isDone)).toBe(false);
  });
});
