import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import { chooseVolumes, type SplitCase, splitCohort } from "./split.ts";

const cohort = (patients: readonly number[]): SplitCase[] =>
  patients.map((patient, index) => ({ id: `case${index}`, patient: `p${patient}` }));

const anyCohort = fc
  .array(fc.integer({ min: 0, max: 20 }), { minLength: 12, maxLength: 80 })
  .filter((patients) => new Set(patients).size >= 5)
  .map(cohort);

describe("splitCohort by share", () => {
  it("keeps every case once and no patient on two sides", () => {
    fc.assert(
      fc.property(anyCohort, fc.integer({ min: 0, max: 1000 }), (cases, seed) => {
        let split: ReturnType<typeof splitCohort>;
        try {
          split = splitCohort(cases, { test: 0.25, validation: 0.1, seed });
        } catch (error) {
          // A patient with most of the cases can leave no room for a test set.
          expect((error as Error).message).toContain("must hold at least one case");
          return;
        }
        const all = [...split.pool, ...split.validation, ...split.test];
        expect([...all].sort()).toEqual(cases.map(({ id }) => id).sort());
        const patientOf = new Map(cases.map(({ id, patient }) => [id, patient]));
        const sides = [split.pool, split.validation, split.test].map(
          (ids) => new Set(ids.map((id) => patientOf.get(id))),
        );
        for (const [first, side] of sides.entries()) {
          for (const other of sides.slice(first + 1)) {
            expect([...side].filter((patient) => other.has(patient))).toEqual([]);
          }
        }
      }),
    );
  });

  it("gives 30 test cases of 120 when patients have one or two cases, and no validation at 0", () => {
    const patients = Array.from({ length: 120 }, (_, index) => (index < 90 ? index >> 1 : index));
    const split = splitCohort(cohort(patients), { test: 0.25, validation: 0, seed: 1 });
    expect(split.test).toHaveLength(30);
    expect(split.validation).toHaveLength(0);
    expect(split.pool).toHaveLength(90);
  });

  it("does not depend on the order in which cases were listed", () => {
    const cases = cohort(Array.from({ length: 40 }, (_, index) => index));
    const rule = { test: 0.25, validation: 0.1, seed: 5 };
    const split = splitCohort([...cases].reverse(), rule);
    expect([...split.test].sort()).toEqual([...splitCohort(cases, rule).test].sort());
  });

  it("changes with the seed", () => {
    const cases = cohort(Array.from({ length: 40 }, (_, index) => index));
    const test = (seed: number) => splitCohort(cases, { test: 0.25, validation: 0, seed }).test;
    expect(test(1)).not.toEqual(test(2));
  });

  it("refuses a cohort that leaves no training case", () => {
    expect(() => splitCohort(cohort([1]), { test: 0.25, validation: 0, seed: 1 })).toThrow(
      "the training pool must hold at least one case",
    );
  });
});

describe("splitCohort by lists", () => {
  const cases = cohort([1, 1, 2, 3]);

  it("puts every case that is listed nowhere into the pool", () => {
    expect(splitCohort(cases, { test: ["case2"], validation: [] })).toEqual({
      pool: ["case0", "case1", "case3"],
      validation: [],
      test: ["case2"],
    });
  });

  it("uses only listed cases when the pool is listed too", () => {
    expect(splitCohort(cases, { test: ["case2"], validation: [], pool: ["case3"] }).pool).toEqual([
      "case3",
    ]);
  });

  it.each([
    [{ test: ["nobody"], validation: [] }, "split.test must list cases of the cohort, got nobody"],
    [{ test: ["case2"], validation: ["case2"] }, "case case2 must stand in one list, got test and"],
    [{ test: ["case0"], validation: [] }, "patient p1 must stand on one side of the split"],
    [{ test: [], validation: [] }, "the test set must hold at least one case"],
  ])("refuses %j", (rule, message) => {
    expect(() => splitCohort(cases, rule)).toThrow(message);
  });
});

describe("chooseVolumes", () => {
  it("takes the volumes of a smaller fraction among those of a larger one", () => {
    const pool = Array.from({ length: 90 }, (_, index) => index);
    const chosen = (fraction: number) =>
      chooseVolumes(pool, fraction, seededRandom(3).fork("volumes"));
    expect(chosen(1 / 8)).toEqual(chosen(1).slice(0, 11));
    expect(chosen(1).sort((a, b) => a - b)).toEqual(pool);
  });
});
