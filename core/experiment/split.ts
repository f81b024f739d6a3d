import { PlannerError } from "../errors.ts";
import { type Random, seededRandom } from "../random.ts";
import { volumesOf } from "./budget.ts";
import type { SplitRule } from "./experiment.ts";

/** What splitting looks at: never a voxel. */
export interface SplitCase {
  readonly id: string;
  readonly patient: string;
}

/** Case ids of the three parts; each in cohort order. */
export interface Split {
  readonly pool: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

/**
 * Divides a cohort into training pool, validation and test. Depends on the rule and the
 * case ids alone, so every configuration is scored on the same test cases; all cases of a
 * patient land on one side.
 *
 * By share: patients in seeded random order go to test until it holds
 * round(share * cases) cases (a patient that would overshoot is passed over), then to
 * validation likewise, the rest to the pool.
 *
 * @throws PlannerError "experiment" when a part that must hold cases is empty, a listed id
 *   is unknown, stands in two lists, or a patient stands on two sides
 */
export function splitCohort(cases: readonly SplitCase[], rule: SplitRule): Split {
  const split =
    "pool" in rule || Array.isArray(rule.test)
      ? splitByLists(cases, rule as ListRule)
      : splitByShares(cases, rule as ShareRule);
  if (split.test.length === 0) throw empty("test set", cases.length);
  if (split.pool.length === 0) throw empty("training pool", cases.length);
  return split;
}

type ListRule = Extract<SplitRule, { test: string[] }>;
type ShareRule = Extract<SplitRule, { test: number }>;

function splitByShares(cases: readonly SplitCase[], rule: ShareRule): Split {
  const patients = new Map<string, string[]>();
  for (const one of [...cases].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    patients.set(one.patient, [...(patients.get(one.patient) ?? []), one.id]);
  }
  const groups = [...patients.values()];
  const order = seededRandom(rule.seed).fork("split").permutation(groups.length);
  const wanted = {
    test: atLeastOne(rule.test, cases.length),
    validation: atLeastOne(rule.validation, cases.length),
  };
  const part = new Map<string, "test" | "validation">();
  const filled = { test: 0, validation: 0 };
  for (const name of ["test", "validation"] as const) {
    for (const index of order) {
      const group = groups[index] as string[];
      if (part.has(group[0] as string) || filled[name] + group.length > wanted[name]) continue;
      for (const id of group) part.set(id, name);
      filled[name] += group.length;
    }
  }
  return inCohortOrder(cases, (id) => part.get(id) ?? "pool");
}

/** Cases for a share: 0 for a share of 0, else at least one. */
function atLeastOne(share: number, count: number): number {
  return share === 0 ? 0 : Math.max(1, Math.round(share * count));
}

function splitByLists(cases: readonly SplitCase[], rule: ListRule): Split {
  const part = new Map<string, keyof Split>();
  const known = new Set(cases.map(({ id }) => id));
  for (const name of ["test", "validation", "pool"] as const) {
    for (const id of rule[name] ?? []) {
      if (!known.has(id)) {
        throw new PlannerError(
          "experiment",
          `split.${name} must list cases of the cohort, got ${id}`,
        );
      }
      const other = part.get(id);
      if (other) {
        throw new PlannerError(
          "experiment",
          `case ${id} must stand in one list, got ${other} and ${name}`,
        );
      }
      part.set(id, name);
    }
  }
  const used = rule.pool ? cases.filter(({ id }) => part.has(id)) : cases;
  requireWholePatients(used, part);
  return inCohortOrder(used, (id) => part.get(id) ?? "pool");
}

function requireWholePatients(cases: readonly SplitCase[], part: Map<string, keyof Split>): void {
  const sides = new Map<string, keyof Split>();
  for (const { id, patient } of cases) {
    const side = part.get(id) ?? "pool";
    const other = sides.get(patient) ?? side;
    if (other !== side) {
      throw new PlannerError(
        "experiment",
        `patient ${patient} must stand on one side of the split, got ${other} and ${side}`,
      );
    }
    sides.set(patient, side);
  }
}

function inCohortOrder(cases: readonly SplitCase[], partOf: (id: string) => keyof Split): Split {
  const ids = (name: keyof Split) =>
    cases.filter(({ id }) => partOf(id) === name).map(({ id }) => id);
  return { pool: ids("pool"), validation: ids("validation"), test: ids("test") };
}

function empty(part: string, caseCount: number): PlannerError {
  return new PlannerError(
    "experiment",
    `the ${part} must hold at least one case, got none of ${caseCount} cases with a mask; ` +
      "add cases or change the split",
  );
}

/** Ids of the volumes a trial with this seed annotates, in its order. */
export function chosenVolumes(
  { pool }: Pick<Split, "pool">,
  volumeFraction: number,
  seed: number,
): string[] {
  return chooseVolumes(pool, volumeFraction, seededRandom(seed).fork("volumes"));
}

/**
 * The volumes a trial annotates: the first V of one random order of the pool, so that the
 * volumes of a smaller fraction are among those of a larger one with the same seed, which
 * lowers the variance of their difference.
 *
 * @param random - a stream of its own; the order depends on nothing else
 * @throws PlannerError "experiment" as `volumesOf`
 */
export function chooseVolumes<C>(pool: readonly C[], volumeFraction: number, random: Random): C[] {
  return random
    .permutation(pool.length)
    .slice(0, volumesOf(volumeFraction, pool.length))
    .map((index) => pool[index] as C);
}
