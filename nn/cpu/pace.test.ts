import { expect, it } from "vitest";
import { Pace } from "./pace.ts";

/** How many of some runs were shared, where a run takes so many seconds either way. */
function sharedRuns(pace: Pace, runs: number, shared: number, alone: number): number {
  let count = 0;
  for (let run = 0; run < runs; run++) {
    const isShared = pace.next();
    if (isShared) count++;
    pace.note(isShared ? shared : alone);
  }
  return count;
}

it("shares work where that is faster and seldom looks at the other way", () => {
  expect(sharedRuns(new Pace(), 8, 1, 9)).toBe(8);
  expect(sharedRuns(new Pace(), 1000, 1, 4)).toBeGreaterThanOrEqual(992);
});

it("stays alone where others have the processors", () => {
  expect(sharedRuns(new Pace(), 1000, 4, 3)).toBeLessThan(20);
});

it("notices that the machine has changed", () => {
  const pace = new Pace();
  sharedRuns(pace, 1000, 4, 3);
  sharedRuns(pace, 1000, 1, 3);
  expect(sharedRuns(pace, 100, 1, 3)).toBeGreaterThan(95);
  sharedRuns(pace, 1000, 4, 3);
  expect(sharedRuns(pace, 100, 4, 3)).toBeLessThan(5);
});
