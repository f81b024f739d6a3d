import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chiSquareTail, normalCdf, studentCdf, studentQuantile } from "./distributions.ts";
import { equivalence, friedman, holm, signedRank } from "./pairedTests.ts";

interface Golden {
  readonly distributions: Readonly<
    Record<"normal_cdf" | "chi2_sf" | "t_cdf" | "t_ppf", readonly (readonly number[])[]>
  >;
  readonly wilcoxon: readonly {
    name: string;
    differences: number[];
    hodges_lehmann: number;
    statistic: number | null;
    p: number;
  }[];
  readonly friedman: readonly {
    name: string;
    table: number[][];
    statistic: number;
    p: number;
    kendall_w: number;
  }[];
  readonly tost: readonly { name: string; differences: number[]; margin: number; p: number }[];
  readonly holm: readonly { p: number[]; adjusted: number[] }[];
}

/** Made by golden/generate.py with SciPy. */
const golden = JSON.parse(
  readFileSync(new URL("./golden/statistics.json", import.meta.url), "utf8"),
) as Golden;

/** Within 1e-9 of the larger of the value and 1e-6: tails count too. */
const close = (value: number | undefined, expected: number) => {
  expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThan(
    1e-9 * Math.max(Math.abs(expected), 1e-6),
  );
};

describe("distributions, equal to SciPy", () => {
  it.each(golden.distributions.normal_cdf)("normal at %d is %d", (z, expected) => {
    close(normalCdf(z as number), expected as number);
  });
  it.each(golden.distributions.chi2_sf)("chi-square tail at %d, %d degrees", (x, k, expected) => {
    close(chiSquareTail(x as number, k as number), expected as number);
  });
  it.each(golden.distributions.t_cdf)("t at %d, %d degrees", (t, k, expected) => {
    close(studentCdf(t as number, k as number), expected as number);
  });
  it.each(golden.distributions.t_ppf)("t quantile of %d, %d degrees", (p, k, expected) => {
    expect(studentQuantile(p as number, k as number)).toBeCloseTo(expected as number, 8);
  });
});

describe("signedRank, equal to SciPy", () => {
  it.each(golden.wilcoxon)("$name", ({ differences, hodges_lehmann, statistic, p }) => {
    const found = signedRank(differences);
    expect(found.statistic).toBe(statistic);
    close(found.p, p);
    expect(found.shift).toBeCloseTo(hodges_lehmann, 12);
  });

  it("of no differences says nothing", () => {
    expect(signedRank([])).toEqual({ statistic: null, p: 1, shift: Number.NaN });
  });
});

describe("friedman, equal to SciPy", () => {
  it.each(golden.friedman)("$name", ({ table, statistic, p, kendall_w }) => {
    const found = friedman(table);
    close(found?.statistic, statistic);
    close(found?.p, p);
    close(found?.agreement, kendall_w);
  });

  it.each([
    ["one block", [[1, 2, 3]]],
    [
      "two treatments",
      [
        [1, 2],
        [2, 1],
      ],
    ],
    [
      "only ties",
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
    ],
    ["nothing", []],
  ])("is undefined for %s", (_, table) => {
    expect(friedman(table)).toBeNull();
  });
});

describe("equivalence, equal to SciPy", () => {
  it.each(golden.tost)("$name", ({ differences, margin, p }) => {
    close(equivalence(differences, margin)?.p, p);
  });

  it("of equal differences is certain, of one undefined", () => {
    expect(equivalence([0.001, 0.001], 0.01)?.p).toBe(0);
    expect(equivalence([0.02, 0.02], 0.01)?.p).toBe(1);
    expect(equivalence([0.02], 0.01)).toBeNull();
  });
});

describe("holm", () => {
  it.each(golden.holm)("adjusts $p", ({ p, adjusted }) => {
    holm(p).forEach((value, k) => {
      expect(value).toBeCloseTo(adjusted[k] as number, 12);
    });
  });
});
