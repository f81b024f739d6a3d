import { describe, expect, it } from "vitest";
import { caseSummary, cohortOf } from "../../testing/cohorts.ts";
import { seededRandom } from "../random.ts";
import { budgetOf } from "./budget.ts";
import { type Experiment, parseExperiment } from "./experiment.ts";
import { planOf, trialSeconds } from "./plan.ts";
import { chooseVolumes, splitCohort } from "./split.ts";
import { singleTarget } from "./target.ts";

const speed = { secondsPerStart: 2, secondsPerStep: 0.5, secondsPerSlice: 0.25 };
const speeds = { unet2d: speed };

function design(change: Partial<Experiment> = {}): Experiment {
  return {
    ...parseExperiment({
      densities: [0.1, 0.5],
      volumeFractions: [0.5, 1],
      strategies: ["fixedInterval", "uniformRandom"],
      repeats: 3,
      iterations: 100,
      split: { test: ["i", "j"] },
    }),
    ...change,
  };
}

/** Ten cases, a to j, of 20, 21, .. 29 slices. */
const cohort = {
  ...cohortOf([]),
  cases: [..."abcdefghij"].map((id, k) => caseSummary(id, { shape: [20 + k, 32, 32] })),
};

describe("planOf", () => {
  it("counts trials and steps, and adds up times", () => {
    const plan = planOf(design(), cohort, speeds);
    expect(plan.configurations).toHaveLength(8);
    expect(plan.trials).toBe(24);
    expect(plan.steps).toBe(2400);
    // Test cases i and j have 28 and 29 slices.
    const ofTrial = 2 + 100 * 0.5 + 57 * 0.25;
    expect(trialSeconds(100, 57, speed)).toBe(ofTrial);
    expect(plan.configurations.map(({ seconds }) => seconds)).toEqual(Array(8).fill(3 * ofTrial));
    expect(plan.seconds).toBe(24 * ofTrial);
    expect(plan.problems).toEqual([]);
  });

  it("knows no time before the device was measured", () => {
    const plan = planOf(design(), cohort, {});
    expect(plan.seconds).toBeNull();
    expect(plan.configurations.every(({ seconds }) => seconds === null)).toBe(true);
    expect(plan.configurations.every(({ budget }) => budget !== null)).toBe(true);
  });

  it("has the budgets of the volumes that trials draw", () => {
    const experiment = design();
    const { split, configurations } = planOf(experiment, cohort, {});
    expect(split).toEqual(splitCohort(cohort.cases, experiment.split));
    const depthOf = new Map(cohort.cases.map(({ id, shape }) => [id, shape?.[0] ?? 0]));
    for (const { configuration, budget } of configurations) {
      const random = seededRandom(experiment.seed).fork("volumes");
      const chosen = chooseVolumes(split?.pool ?? [], configuration.volumeFraction, random);
      const depths = chosen.map((id) => depthOf.get(id) ?? 0);
      expect(budget).toEqual(budgetOf(configuration, depths));
    }
  });

  it("leaves out cases that cannot be used", () => {
    const problem = { severity: "error" as const, message: "broken", paths: [] };
    const cases = cohort.cases.map((one) =>
      one.id === "a" ? { ...one, problems: [problem] } : one,
    );
    const { split } = planOf(design(), { ...cohort, cases }, {});
    expect(split?.pool).toEqual([..."bcdefgh"]);
  });

  it("says which configurations cannot run, and keeps the others", () => {
    const plan = planOf(design({ densities: [0.001, 0.5], volumeFractions: [1] }), cohort, speeds);
    const [tooSmall, , fine] = plan.configurations;
    expect(tooSmall?.budget).toBeNull();
    expect(tooSmall?.problem).toContain("density must give at least one slice, got 0.001 of");
    expect(fine?.budget?.volumes).toBe(8);
    expect(plan.problems).toHaveLength(1);
  });

  it("finds a volume that is too thin in any repeat", () => {
    // One thin volume among eight; half of them are drawn in each repeat.
    const cases = cohort.cases.map((one) =>
      one.id === "c" ? { ...one, shape: [2, 32, 32] as const } : one,
    );
    const thin = { ...cohort, cases };
    const experiment = design({ densities: [0.1], volumeFractions: [0.5], repeats: 20 });
    expect(planOf(experiment, thin, {}).problems).toHaveLength(1);
    const [{ budget } = { budget: null }] = planOf(experiment, cohort, {}).configurations;
    expect(budget?.volumes).toBe(4);
  });

  it.each([
    { change: { split: { test: ["nobody"], validation: [] } }, words: "split.test must list" },
    { change: { target: singleTarget([5]) }, words: "label 5 occurs in no case" },
  ])("says what keeps it from starting: $words", ({ change, words }) => {
    expect(planOf(design(change), cohort, speeds).problems[0]).toContain(words);
  });

  it("says of a cohort without usable cases only that", () => {
    const plan = planOf(design(), cohortOf([]), speeds);
    expect(plan).toMatchObject({ split: null, configurations: [], seconds: null });
    expect(plan.problems).toEqual([
      "no case has an image and a mask that can be used; see the table for why",
    ]);
  });
});
