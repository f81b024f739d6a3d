import { describe, expect, it } from "vitest";
import { splitCohort } from "#core/experiment/split.ts";
import { movedCase, partsOf } from "./splitParts.ts";

const cases = ["a1", "a2", "b1", "c1", "d1", "e1"].map((id) => ({ id, patient: id[0] ?? "" }));
const byShare = { test: 0.3, validation: 0, seed: 1 };

describe("movedCase", () => {
  it.each(cases)("moves $id and its patient's other cases, and nobody else", ({ id, patient }) => {
    const before = partsOf(cases, byShare);
    const target = before.partOf.get(id) === "test" ? "validation" : "test";
    const after = partsOf(cases, movedCase(cases, before, id, target));
    for (const one of cases) {
      const expected = one.patient === patient ? target : before.partOf.get(one.id);
      expect(after.partOf.get(one.id)).toBe(expected);
    }
  });

  it("gives lists that core accepts", () => {
    const before = partsOf(cases, byShare);
    const rule = movedCase(cases, before, "b1", "test");
    expect(splitCohort(cases, rule).test).toContain("b1");
  });
});

describe("partsOf", () => {
  it("says what is wrong and still shows where cases stand", () => {
    const { partOf, error } = partsOf(cases, { test: [], validation: ["a1", "a2"] });
    expect(error).toMatch(/^the test set must hold at least one case/);
    expect(partOf.get("a1")).toBe("validation");
    expect(partOf.get("b1")).toBe("pool");
  });
});
