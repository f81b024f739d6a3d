import { describe, expect, it } from "vitest";
import type { Schedule } from "#core/experiment/recipe.ts";
import { hasShared, referenceSection } from "../../testing/reference.ts";
import { learningRateAt } from "./schedule.ts";

interface Table {
  readonly name: string;
  readonly attrs: Readonly<Record<"lr" | "T" | "N" | "power" | "gamma" | "eta_min", number>>;
  readonly steps: readonly number[];
  readonly lr: readonly number[];
}

function scheduleOf({ name, attrs }: Table): Schedule {
  if (name.startsWith("poly")) return { kind: "poly", power: attrs.power };
  if (name.startsWith("step")) return { kind: "step", every: attrs.N, factor: attrs.gamma };
  return { kind: "cosine", lowest: attrs.eta_min };
}

describe.skipIf(!hasShared)("learningRateAt as PyTorch's schedulers", () => {
  const tables = hasShared
    ? referenceSection<{ lr_tables: Table[] }>("optim").manifest.lr_tables
    : [];

  it.each(tables)("$name", (table) => {
    for (const [index, step] of table.steps.entries()) {
      const rate = learningRateAt(scheduleOf(table), table.attrs.lr, step, table.attrs.T ?? 15_000);
      expect(rate).toBeCloseTo(table.lr[index] ?? Number.NaN, 12);
    }
  });
});

describe("learningRateAt", () => {
  it("stays where it is when constant", () => {
    expect(learningRateAt({ kind: "constant" }, 0.01, 399, 400)).toBe(0.01);
  });

  it.each([-1, 0.5, Number.NaN])("refuses step %d", (step) => {
    expect(() => learningRateAt({ kind: "constant" }, 0.01, step, 400)).toThrow(
      `step must be a whole number from 0, got ${step}`,
    );
  });
});
