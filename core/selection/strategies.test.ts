import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import { fixedInterval } from "./fixedInterval.ts";
import { fixedIntervalRandomOffset } from "./fixedIntervalRandomOffset.ts";
import { stratified } from "./stratified.ts";
import { uniformRandom } from "./uniformRandom.ts";

const depthAndCount = fc
  .integer({ min: 1, max: 400 })
  .chain((depth) => fc.tuple(fc.constant(depth), fc.integer({ min: 1, max: depth })));

describe.each(
  Object.entries({ fixedInterval, fixedIntervalRandomOffset, stratified, uniformRandom }),
)("%s", (_, strategy) => {
  it("picks as many different slices as asked, ascending and inside the volume", () => {
    fc.assert(
      fc.property(depthAndCount, fc.integer(), ([depth, count], seed) => {
        const picked = strategy(depth, count, seededRandom(seed));
        expect(picked).toHaveLength(count);
        expect(picked).toEqual([...new Set(picked)].sort((a, b) => a - b));
        expect(picked[0]).toBeGreaterThanOrEqual(0);
        expect(picked.at(-1)).toBeLessThan(depth);
      }),
    );
  });

  it("picks every slice at density 1", () => {
    expect(strategy(5, 5, seededRandom(1))).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("fixedInterval", () => {
  it.each([
    { depth: 10, count: 2, picked: [2, 7] },
    { depth: 10, count: 4, picked: [1, 3, 6, 8] }, // interval 2.5
    { depth: 35, count: 4, picked: [4, 13, 21, 30] },
    { depth: 3, count: 1, picked: [1] },
  ])("picks $picked for $count of $depth slices", ({ depth, count, picked }) => {
    expect(fixedInterval(depth, count, seededRandom(1))).toEqual(picked);
  });

  it("keeps neighbours floor(Z/m) or ceil(Z/m) apart", () => {
    fc.assert(
      fc.property(depthAndCount, ([depth, count]) => {
        const picked = fixedInterval(depth, count, seededRandom(1));
        const gaps = picked.slice(1).map((index, k) => index - (picked[k] as number));
        for (const gap of gaps) {
          expect([Math.floor(depth / count), Math.ceil(depth / count)]).toContain(gap);
        }
      }),
    );
  });
});

describe("uniformRandom", () => {
  it("picks every slice equally often: 4,000 draws of 3 of 12", () => {
    const times = new Array<number>(12).fill(0);
    for (let seed = 0; seed < 4000; seed++) {
      for (const index of uniformRandom(12, 3, seededRandom(seed))) {
        times[index] = (times[index] ?? 0) + 1;
      }
    }
    for (const time of times) expect(Math.abs(time - 1000)).toBeLessThan(110); // 4 deviations
  });
});

describe.each(Object.entries({ fixedIntervalRandomOffset, stratified }))("%s", (_, strategy) => {
  it("spreads: 4,000 draws of 3 of 12 pick every slice equally often, one per third", () => {
    const times = new Array<number>(12).fill(0);
    for (let seed = 0; seed < 4000; seed++) {
      const picked = strategy(12, 3, seededRandom(seed));
      expect(picked.map((index) => Math.floor(index / 4))).toEqual([0, 1, 2]);
      for (const index of picked) times[index] = (times[index] ?? 0) + 1;
    }
    for (const time of times) expect(Math.abs(time - 1000)).toBeLessThan(110);
  });
});
