import { messageOf } from "#core/errors.ts";
import type { SplitRule } from "#core/experiment/experiment.ts";
import { type Split, type SplitCase, splitCohort } from "#core/experiment/split.ts";

export const partLabels = {
  pool: "Training pool",
  validation: "Validation",
  test: "Test",
} as const satisfies Record<keyof Split, string>;
export type Part = keyof Split;

/** Where each case stands, and what is wrong with that; never throws. */
export interface Parts {
  readonly partOf: ReadonlyMap<string, Part>;
  readonly error: string | null;
}

/** A rule's split of these cases. */
export function partsOf(cases: readonly SplitCase[], rule: SplitRule): Parts {
  const parts = new Map<string, Part>();
  try {
    const split = splitCohort(cases, rule);
    for (const part of ["pool", "validation", "test"] as const) {
      for (const id of split[part]) parts.set(id, part);
    }
    return { partOf: parts, error: null };
  } catch (error) {
    for (const { id } of cases) parts.set(id, listedPart(rule, id));
    return { partOf: parts, error: messageOf(error) };
  }
}

function listedPart(rule: SplitRule, id: string): Part {
  if (typeof rule.test === "number" || typeof rule.validation === "number") return "pool";
  if (rule.test.includes(id)) return "test";
  return rule.validation.includes(id) ? "validation" : "pool";
}

/**
 * The split after one case was moved, as lists of ids: every case of its patient moves
 * along, since a patient stands on one side.
 */
export function movedCase(
  cases: readonly SplitCase[],
  { partOf }: Parts,
  id: string,
  part: Part,
): SplitRule {
  const patient = cases.find((one) => one.id === id)?.patient;
  const isMoved = (one: SplitCase) => one.id === id || one.patient === patient;
  const ids = (wanted: Part) =>
    cases
      .filter((one) => (isMoved(one) ? part : (partOf.get(one.id) ?? "pool")) === wanted)
      .map((one) => one.id);
  return { test: ids("test"), validation: ids("validation") };
}
