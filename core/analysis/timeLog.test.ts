import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import { fitTimes, type LoggedCase, parseTimeLog } from "./timeLog.ts";

describe("parseTimeLog", () => {
  it("adds up the rows of a case, in any unit", () => {
    expect(parseTimeLog("case,slice,seconds\r\na,3,90\na,7,30\n\nb,1,60\n")).toEqual([
      { case: "a", slices: 2, minutes: 2 },
      { case: "b", slices: 1, minutes: 1 },
    ]);
    expect(parseTimeLog("file,frames,hours\na.nii,10,0.5\n")).toEqual([
      { case: "a.nii", slices: 10, minutes: 30 },
    ]);
    expect(parseTimeLog('Task,"time (s)"\n7,30\n')).toEqual([
      { case: "7", slices: 1, minutes: 0.5 },
    ]);
  });

  it.each([
    ["", "time log must have a header and at least one row, got none"],
    ["case,minutes\n", "time log must have a header and at least one row, got none"],
    ["case,when\na,1\n", "one for the time (seconds, minutes, hours), got case, when"],
    ["case,minutes\n,1\n", "time log row 2 must name its case, got none"],
    ["case,minutes\na,1\nb,fast\n", "time log row 3: minutes must be a number from 0, got fast"],
    ["case,minutes\na,-1\n", "row 2: minutes must be a number from 0, got -1"],
    ["case,minutes\na\n", "row 2: minutes must be a number from 0, got nothing"],
  ])("refuses %j", (text, message) => {
    expect(() => parseTimeLog(text)).toThrow(message);
  });
});

describe("fitTimes", () => {
  const simulated = (seed: number, count = 30): LoggedCase[] => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, (_, k) => {
      const slices = 2 + random.integer(20);
      return { case: `${k}`, slices, minutes: 4 + 1.5 * slices + 2 * random.normal() };
    });
  };

  it("is the least-squares line", () => {
    // numpy.polyfit([1, 2, 4, 8], [3, 4, 9, 14], 1) is 1.6173913043478272, 1.4347826086956492.
    const cases = [
      [1, 3],
      [2, 4],
      [4, 9],
      [8, 14],
    ].map(([slices = 0, minutes = 0], k) => ({ case: `${k}`, slices, minutes }));
    const found = fitTimes(cases, seededRandom(1));
    expect(found.minutesPerSlice.value).toBeCloseTo(1.6173913043478272, 12);
    expect(found.minutesPerVolume?.value).toBeCloseTo(1.4347826086956492, 12);
    expect(found.notes).toEqual(["4 volumes: the fit is a rough guess"]);
  });

  it("holds the truth in its intervals about 95 times in 100", () => {
    let covered = 0;
    for (let seed = 0; seed < 100; seed++) {
      const [low, high] = fitTimes(simulated(seed), seededRandom(seed)).minutesPerSlice.interval;
      if (low <= 1.5 && high >= 1.5) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(88);
  });

  it("does not tell opening from drawing where it cannot", () => {
    const equal = simulated(1).map((one) => ({ ...one, slices: 10, minutes: 20 }));
    const found = fitTimes(equal, seededRandom(1));
    expect(found.minutesPerVolume).toBeNull();
    expect(found.minutesPerSlice.value).toBeCloseTo(2, 12);
    expect(found.notes[0]).toContain("cannot be told from drawing");
  });

  it("never finds negative minutes", () => {
    const odd = [
      { case: "a", slices: 1, minutes: 9 },
      { case: "b", slices: 9, minutes: 1 },
    ];
    const found = fitTimes(odd, seededRandom(1));
    expect(found.minutesPerSlice.value).toBe(0);
    expect(found.minutesPerVolume?.value).toBe(5);
  });

  it("refuses a log without slices", () => {
    expect(() => fitTimes([], seededRandom(1))).toThrow("time log must hold at least one slice");
  });
});
