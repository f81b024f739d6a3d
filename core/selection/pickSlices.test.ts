import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohortStrategies, strategyLabels, strategySight } from "../experiment/methods.ts";
import { pickRange } from "../experiment/selection.ts";
import { seededRandom } from "../random.ts";
import { namesOf } from "../schema.ts";
import { type PickRule, pickInVolume, pickSlices, type VolumeSlices } from "./pickSlices.ts";

/** A volume whose slices change little from one to the next; values may coincide. */
function volumeOf(id: string, depth: number, seed = 1): VolumeSlices {
  const random = seededRandom(seed).fork(id);
  const values = new Float32Array(depth * 3);
  for (let at = 0; at < values.length; at++) {
    values[at] = (at < 3 ? 0 : (values[at - 3] as number)) + Math.round(2 * random.normal()) / 2;
  }
  return {
    id,
    depth,
    features: { count: depth, length: 3, values },
    hasTarget: Array.from({ length: depth }, (_, z) => z > depth / 3 && z < depth / 2),
  };
}

const rule = (change: Partial<PickRule> = {}): PickRule => ({
  strategy: "coreset",
  density: 0.25,
  scope: "volume",
  quota: { fewest: 0, most: null },
  ...change,
});

const names = namesOf(strategyLabels);

describe.each(names)("%s in each volume", (strategy) => {
  it("picks as many different slices as asked, ascending and inside the volume", () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 40 })
          .chain((depth) => fc.tuple(fc.constant(depth), fc.integer({ min: 1, max: depth }))),
        fc.integer(),
        ([depth, count], seed) => {
          const picks = pickInVolume(
            volumeOf("a", depth, seed),
            strategy,
            count,
            seededRandom(seed),
          );
          expect(picks).toHaveLength(count);
          expect(picks).toEqual([...new Set(picks)].sort((a, b) => a - b));
          expect(picks[0]).toBeGreaterThanOrEqual(0);
          expect(picks.at(-1)).toBeLessThan(depth);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([1, 2, 3, 4, 5])("takes every slice of a volume of %d at density 1", (depth) => {
    const [picks] = pickSlices(
      [volumeOf("a", depth)],
      rule({ strategy, density: 1 }),
      seededRandom(1),
    );
    expect(picks).toEqual(Array.from({ length: depth }, (_, z) => z));
  });

  it("does the same for the same seed, whatever other volumes there are", () => {
    const [a, b, c] = ["a", "b", "c"].map((id) => volumeOf(id, 20));
    if (!a || !b || !c) throw new Error("no volumes");
    const alone = pickSlices([b], rule({ strategy }), seededRandom(5));
    const among = pickSlices([a, b, c], rule({ strategy }), seededRandom(5));
    expect(among[1]).toEqual(alone[0]);
  });

  it("refuses a density that gives no slice", () => {
    expect(() =>
      pickSlices([volumeOf("a", 20)], rule({ strategy, density: 0.01 }), seededRandom(1)),
    ).toThrow("density must give at least one slice, got 0.01 of 20 slices");
  });

  it("answers images without contrast", () => {
    const features = { count: 12, length: 3, values: new Float32Array(36) };
    const constant = { ...volumeOf("a", 12), features };
    const picks = pickInVolume(constant, strategy, 3, seededRandom(1));
    expect(new Set(picks).size).toBe(3);
    if (strategySight[strategy] === "image") expect(picks).toEqual([2, 6, 10]);
  });
});

describe.each(cohortStrategies)("%s over all volumes together", (strategy) => {
  const anyQuota = fc.record({
    fewest: fc.constantFrom(0, 0.3, 0.5, 1),
    most: fc.constantFrom(1, 1.5, 3, null),
  });

  it("picks the same number in all, and of each volume what its quota allows", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 1, maxLength: 6 }),
        anyQuota,
        fc.integer({ min: 0, max: 1000 }),
        (depths, quota, seed) => {
          const volumes = depths.map((depth, at) => volumeOf(`v${at}`, depth, seed));
          const counts = depths.map((depth) => Math.round(0.25 * depth));
          const joint = rule({ strategy, scope: "cohort", quota });
          const picks = pickSlices(volumes, joint, seededRandom(seed));
          expect(picks.flat()).toHaveLength(counts.reduce((a, b) => a + b, 0));
          for (const [at, list] of picks.entries()) {
            const depth = depths[at] as number;
            const [fewest, most] = pickRange(counts[at] as number, depth, quota);
            expect(list.length).toBeGreaterThanOrEqual(fewest);
            expect(list.length).toBeLessThanOrEqual(most);
            expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
            if (list.length > 0) expect(list.at(-1)).toBeLessThan(depth);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("takes what each volume would get alone when the quota leaves nothing open", () => {
    const volumes = [volumeOf("a", 12), volumeOf("b", 20), volumeOf("c", 8)];
    const quota = { fewest: 1, most: 1 };
    const picks = pickSlices(volumes, rule({ strategy, scope: "cohort", quota }), seededRandom(1));
    expect(picks.map((list) => list.length)).toEqual([3, 5, 2]);
  });
});

describe("pickSlices", () => {
  it("gives more slices to the volume that varies more", () => {
    const dull = { ...volumeOf("dull", 20), features: volumeOf("dull", 20).features };
    const flat = { count: 20, length: 3, values: new Float32Array(60).map((_, k) => 0.001 * k) };
    const [less = [], more = []] = pickSlices(
      [{ ...dull, features: flat }, volumeOf("lively", 20, 3)],
      rule({ scope: "cohort" }),
      seededRandom(1),
    );
    expect(more.length).toBeGreaterThan(less.length);
    expect(less.length + more.length).toBe(10);
  });

  it("spreads along each volume whatever the scope, where the strategy is about places", () => {
    const volumes = [volumeOf("a", 10), volumeOf("b", 20)];
    const change = { strategy: "fixedInterval", density: 0.2 } as const;
    expect(pickSlices(volumes, rule({ ...change, scope: "cohort" }), seededRandom(1))).toEqual(
      pickSlices(volumes, rule(change), seededRandom(1)),
    );
  });

  it("refuses features of different lengths and strategies without what they see", () => {
    const other = { count: 10, length: 2, values: new Float32Array(20) };
    const volumes = [volumeOf("a", 10), { ...volumeOf("b", 10), features: other }];
    expect(() => pickSlices(volumes, rule({ scope: "cohort" }), seededRandom(1))).toThrow(
      "features must be of one length, got 3 and 2",
    );
    const blind = [{ ...volumeOf("a", 10), features: null }];
    expect(() => pickSlices(blind, rule(), seededRandom(1))).toThrow(
      "coreset must be given the image of every slice, a has none",
    );
  });
});

describe("foregroundAware", () => {
  const share = (hasTarget: boolean[], count: number) => {
    let onTarget = 0;
    for (let seed = 0; seed < 300; seed++) {
      const volume = { id: "a", depth: hasTarget.length, features: null, hasTarget };
      const picks = pickInVolume(volume, "foregroundAware", count, seededRandom(seed));
      expect(new Set(picks).size).toBe(count);
      onTarget += picks.filter((z) => hasTarget[z]).length;
    }
    return onTarget / (300 * count);
  };

  it("draws two in three among slices with the target, and the rest anywhere", () => {
    const hasTarget = Array.from({ length: 100 }, (_, z) => z >= 40 && z < 60);
    // 2/3 + 1/3 of a fifth = 0.73; six standard deviations of 1,500 draws are 0.07.
    expect(Math.abs(share(hasTarget, 5) - (2 / 3 + 1 / 15))).toBeLessThan(0.07);
  });

  it("draws anywhere where the target is absent, and goes on when its slices are used up", () => {
    expect(share(new Array<boolean>(20).fill(false), 6)).toBe(0);
    expect(share([true, ...new Array<boolean>(9).fill(false)], 10)).toBeCloseTo(0.1, 12);
  });
});
