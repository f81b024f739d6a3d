import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { resultOf } from "../../testing/results.ts";
import type { Configuration } from "../experiment/trial.ts";
import { seededRandom } from "../random.ts";
import { analyse } from "./analyse.ts";
import { doublingEffects } from "./doublingEffects.ts";

const densities = [0.1, 0.2, 0.4, 0.8];
const fractions = [0.25, 0.5, 1];

interface Truth {
  readonly perVolumes: number;
  readonly perDensity: number;
  readonly noise?: number;
  readonly cases?: number;
  readonly repeats?: number;
  readonly seed?: number;
  readonly strategies?: readonly Configuration["strategy"][];
}

/** A grid in which each doubling gains a known IoU; cases are easy or hard, repeats lucky or not. */
function grid({ perVolumes, perDensity, noise = 0.01, cases = 24, repeats = 3, ...more }: Truth) {
  const random = seededRandom(more.seed ?? 1);
  const levels = Array.from({ length: cases }, () => 0.08 * random.normal());
  const strategies = more.strategies ?? ["fixedInterval"];
  return strategies.flatMap((strategy) =>
    fractions.flatMap((volumeFraction) =>
      densities.flatMap((density) =>
        Array.from({ length: repeats }, (_, repeat) => {
          const mean =
            0.6 + perVolumes * Math.log2(volumeFraction) + perDensity * Math.log2(density);
          return resultOf(
            { volumeFraction, density, strategy },
            repeat,
            levels.map((level) => mean + level + noise * random.normal()),
          );
        }),
      ),
    ),
  );
}

describe("doublingEffects", () => {
  it("is what ordinary least squares gives where every case saw the whole grid", () => {
    const results = grid({ perVolumes: 0.05, perDensity: 0.02, noise: 0 });
    const [found] = doublingEffects(results, seededRandom(1));
    expect(found?.volumes.value).toBeCloseTo(0.05, 10);
    expect(found?.density.value).toBeCloseTo(0.02, 10);
    expect(found?.difference.value).toBeCloseTo(0.03, 10);
    expect(found).toMatchObject({ cases: 24, repeats: 3, network: "unet2d" });
  });

  it("equals NumPy's least squares with a dummy for every case, strategy and repeat", () => {
    type Row = [Configuration["strategy"], number, number, number, number, number];
    const path = fileURLToPath(new URL("./golden/doubling.json", import.meta.url));
    const golden = JSON.parse(readFileSync(path, "utf8")) as {
      rows: Row[];
      volumes: number;
      density: number;
    };
    const trials = new Map<string, Row[]>();
    for (const row of golden.rows) {
      const key = row.slice(0, 4).join(" ");
      trials.set(key, [...(trials.get(key) ?? []), row]);
    }
    const results = [...trials.values()].map((rows) => {
      const [strategy, repeat, volumeFraction, density] = rows[0] as Row;
      const configuration = { strategy, volumeFraction, density };
      const perCase = rows.map(([, , , , id, iou]) => ({
        case: `${id}`,
        tp: 1,
        fp: 1,
        fn: 1,
        iou,
      }));
      return resultOf(configuration, repeat, [0.5], { iou: { mean: 0.5, pooled: 0.5, perCase } });
    });
    const [found] = doublingEffects(results, seededRandom(1));
    expect(found?.volumes.value).toBeCloseTo(golden.volumes, 10);
    expect(found?.density.value).toBeCloseTo(golden.density, 10);
  });

  it("is not led astray by cases that only some configurations were scored on", () => {
    const results = grid({ perVolumes: 0.05, perDensity: 0.02, noise: 0 }).map((result) => {
      const { iou } = result;
      if (!iou || result.configuration.density > 0.2) return result;
      // The hard half is missing wherever the density is low.
      const sorted = [...iou.perCase].sort((a, b) => (a.iou ?? 0) - (b.iou ?? 0));
      return { ...result, iou: { ...iou, perCase: sorted.slice(12) } };
    });
    const [found] = doublingEffects(results, seededRandom(1));
    expect(found?.volumes.value).toBeCloseTo(0.05, 10);
    expect(found?.density.value).toBeCloseTo(0.02, 10);
  });

  it("covers the truth in 90 to 99 % of simulations", () => {
    let covered = 0;
    const runs = 100;
    for (let seed = 0; seed < runs; seed++) {
      const results = grid({ perVolumes: 0.04, perDensity: 0.03, noise: 0.02, cases: 12, seed });
      const [found] = doublingEffects(results, seededRandom(seed));
      const [low, high] = found?.difference.interval ?? [1, -1];
      if (low <= 0.01 && high >= 0.01) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(90);
    expect(covered).toBeLessThanOrEqual(100);
  });

  it("says nothing where volumes and density never varied apart", () => {
    const diagonal = grid({ perVolumes: 0.05, perDensity: 0.02 }).filter(
      ({ configuration: { density, volumeFraction } }) => density === 0.4 * volumeFraction,
    );
    expect(diagonal.length).toBeGreaterThan(3);
    expect(doublingEffects(diagonal, seededRandom(1))).toEqual([]);
  });
});

describe("analyse", () => {
  const results = grid({
    perVolumes: 0.05,
    perDensity: 0.02,
    strategies: ["fixedInterval", "uniformRandom", "stratified"],
  });
  const found = analyse(results, { targets: [0.55, 0.9] });

  it("tabulates every density and volume fraction over strategies and repeats", () => {
    expect(found.table).toHaveLength(12);
    const [first] = found.table;
    expect(first).toMatchObject({ volumeFraction: 0.25, density: 0.1, trials: 9, volumes: 20 });
    expect(first?.byStrategy.uniformRandom?.trials).toBe(3);
    const scores = results
      .filter(({ configuration: one }) => one.volumeFraction === 0.25 && one.density === 0.1)
      .map(({ iou }) => iou?.mean ?? 0);
    expect(first?.mean).toBeCloseTo(scores.reduce((a, b) => a + b, 0) / 9, 12);
  });

  it("gives the drop from dense training with its interval, and none for the densest", () => {
    const drop = found.table[0]?.drop;
    // Two doublings of volumes and three of density.
    expect(drop?.iou).toBeCloseTo(0.16, 1);
    expect(drop?.interval[0]).toBeLessThan(drop?.iou ?? 0);
    expect(found.table.at(-1)).toMatchObject({ volumeFraction: 1, density: 0.8, drop: null });
  });

  it("says its findings in words", () => {
    const text = found.sentences.join("\n");
    expect(text).toMatch(
      /doubling volumes gained 0\.0\d\d \[0\.0\d\d, 0\.0\d\d\] more than doubling density/,
    );
    expect(text).toContain("better in 18 of 18 comparisons (18 significant)");
    expect(text).toContain("Fixed interval less Random is");
    expect(text).toContain("equivalent within 0.01");
    expect(text).toMatch(/IoU 0\.55 needs \d+ \[\d+, \d+\] slices/);
  });

  it("is the same whatever the order of results", () => {
    expect(analyse([...results].reverse(), { targets: [0.55, 0.9] })).toEqual(found);
  });

  it("turns the words when density gains more", () => {
    const turned = analyse(grid({ perVolumes: 0.01, perDensity: 0.05 }));
    expect(turned.sentences.join("\n")).toContain("more than doubling volumes");
  });

  it("compares interpolation with none by density, pairing everything else", () => {
    const none = grid({ perVolumes: 0.05, perDensity: 0.02 });
    const filled = none.map((result) => ({
      ...result,
      trial: `${result.trial} filled`,
      configuration: { ...result.configuration, interpolator: "signedDistance" as const },
      iou: result.iou && {
        ...result.iou,
        perCase: result.iou.perCase.map((one) => ({
          ...one,
          iou: (one.iou ?? 0) + (result.configuration.density < 0.2 ? 0.04 : -0.01),
        })),
      },
    }));
    const { interpolation } = analyse([...none, ...filled]);
    expect(interpolation.map(({ density }) => density)).toEqual(densities);
    expect(interpolation[0]?.difference).toBeCloseTo(0.04, 10);
    expect(interpolation[3]?.difference).toBeCloseTo(-0.01, 10);
    expect(interpolation[0]?.cases).toBe(24);
  });

  it("has words instead of numbers when nothing is finished", () => {
    const empty = analyse([]);
    expect(empty).toMatchObject({ table: [], pool: null, strategies: null, sentences: [] });
    expect(empty.warnings.map(({ code }) => code)).toEqual(["no-results"]);
  });

  it("warns of few cases, single repeats, and tests that cannot come out", () => {
    const few = analyse(grid({ perVolumes: 0.05, perDensity: 0.02, cases: 5, repeats: 1 }));
    expect(few.warnings.map(({ code }) => code)).toEqual([
      "few-cases",
      "few-repeats",
      "no-significance",
    ]);
    expect(few.warnings[2]?.message).toContain("no p value can be below 0.063");
    expect(analyse(grid({ perVolumes: 0.05, perDensity: 0.02 })).warnings).toEqual([]);
  });

  it("needs four sizes for a surface and says so", () => {
    const [one] = analyse(results.slice(0, 9)).surfaces;
    expect(one).toMatchObject({ surface: null, doubt: [] });
    expect(one?.reason).toContain("at least 4 different configurations, got 3");
  });
});
