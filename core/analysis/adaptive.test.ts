import { describe, expect, it } from "vitest";
import { replay } from "../../bench/adaptiveReplay.ts";
import { simulatedGrid } from "../../bench/simulatedGrid.ts";
import { pool } from "../../bench/simulatedSurfaces.ts";
import { seededRandom } from "../random.ts";
import { type AdaptiveInputs, nextTrial } from "./adaptive.ts";
import { parseCostModel } from "./cost.ts";

const settings = { pool, budget: 360, unit: "slices" as const, cost: parseCostModel({}) };
const grid = simulatedGrid("overlap", 1, 6, 0.015);
const step = (done: AdaptiveInputs["done"], change: Partial<AdaptiveInputs> = {}) =>
  nextTrial({ ...settings, candidates: grid.candidates, done, ...change }, seededRandom(1));

describe("nextTrial", () => {
  it("opens with equal budgets spent in different ways, and the two ends", () => {
    const done = new Map<string, number>();
    const sizes: string[] = [];
    for (let found = step(done); found.state === "opening"; found = step(done)) {
      const id = found.trial ?? "";
      sizes.push(id.replace(/-r\d$/, ""));
      expect(found.best).toBeNull();
      done.set(id, grid.scores.get(id) ?? 0);
    }
    expect(sizes).toHaveLength(20);
    const once = sizes.slice(0, 10);
    expect(sizes.slice(10)).toEqual(once);
    expect(once).toEqual(expect.arrayContaining(["v11-m3", "v90-m48", "v90-m3", "v45-m6"]));
  });

  it("asks for the same trial whenever it is asked", () => {
    const done = new Map([...grid.scores].filter((_, k) => k % 6 < 3));
    const first = step(done, { tolerance: -1, mostShare: 1 });
    expect(first.state).toBe("refining");
    expect(step(done, { tolerance: -1, mostShare: 1 })).toEqual(first);
    expect(done.has(first.trial ?? "")).toBe(false);
  });

  it("never runs a trial twice, failed ones neither, and ends", () => {
    const candidates = grid.candidates.map((one) => ({ ...one, trials: one.trials.slice(0, 2) }));
    const next = () => step(done, { candidates, tolerance: -1, mostShare: 1 });
    const done = new Map<string, number | null>();
    for (let found = next(); found.trial !== null; found = next()) {
      expect(done.has(found.trial)).toBe(false);
      done.set(found.trial, done.size % 4 === 0 ? null : (grid.scores.get(found.trial) ?? null));
    }
    expect(done.size).toBe(40);
  });

  it("does not fit when nearly everything failed", () => {
    const done = new Map([...grid.scores].map(([id]) => [id, null] as const));
    expect(step(done)).toMatchObject({ trial: null, state: "spent", best: null });
  });

  it.each([
    ["overlap", {}],
    ["separable", {}],
    ["plateau", {}],
    ["density", {}],
    ["overlap", { unit: "hours" as const, budget: 20 }],
    ["density", { unit: "hours" as const, budget: 20 }],
    ["separable", { unit: "hours" as const, budget: 20 }],
  ])(
    "recommends what the whole %s grid does with at most half of its trials: %j",
    (truth, change) => {
      for (let seed = 0; seed < 6; seed++) {
        const stored = simulatedGrid(truth, seed, 6, 0.015);
        const found = replay(stored, { ...settings, ...change }, seed);
        expect(found.share).toBeLessThanOrEqual(0.5);
        expect(found.loss).toBeLessThanOrEqual(0.005);
      }
    },
  );
});
