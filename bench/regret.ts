import { type CostModel, parseCostModel } from "#core/analysis/cost.ts";
import { fitSurface } from "#core/analysis/fitSurface.ts";
import { type BudgetUnit, priceOf, recommend } from "#core/analysis/recommend.ts";
import { quantile } from "#core/evaluation/statistics.ts";
import { seededRandom } from "#core/random.ts";
import { gridTrials, pool, type Truth, truths } from "./simulatedSurfaces.ts";

export interface Setting {
  readonly unit: BudgetUnit;
  readonly budgets: readonly number[];
  readonly cost: CostModel;
}

export const settings: Readonly<Record<string, Setting>> = {
  "slices, equal cost": {
    unit: "slices",
    budgets: [68, 135, 270, 540, 1080, 2160],
    cost: parseCostModel({ minutesPerVolume: 0, locateMinutes: 0 }),
  },
  "hours, 2 minutes to open a volume": {
    unit: "hours",
    budgets: [3, 8, 20, 50],
    cost: parseCostModel({}),
  },
  "hours, 20 minutes to open a volume": {
    unit: "hours",
    budgets: [5, 15, 30, 60],
    cost: parseCostModel({ minutesPerVolume: 20 }),
  },
};

/** Noise of a trial's IoU, and trials per configuration (two strategies, three repeats). */
const NOISE = 0.015;
const REPEATS = 6;

export interface RegretRow {
  readonly truth: string;
  readonly setting: string;
  readonly count: number;
  readonly median: number;
  readonly percentile95: number;
  /** Most of what the recommendation missed in any simulation. */
  readonly worst: number;
}

/**
 * How much IoU a recommendation loses against the best plan at the same budget, over
 * simulated experiments whose truth is known.
 */
export function measureRegret(simulations: number): RegretRow[] {
  return Object.entries(truths).flatMap(([truth, make]) => {
    const losses = new Map<string, number[]>();
    for (let seed = 0; seed < simulations; seed++) {
      const random = seededRandom(seed).fork(truth);
      const actual = make(random.fork("truth"));
      const surface = fitSurface(gridTrials(actual, NOISE, REPEATS, random.fork("noise")));
      for (const [name, { unit, budgets, cost }] of Object.entries(settings)) {
        for (const budget of budgets) {
          const { best } = recommend({ surface, doubt: [], pool, budget, unit, cost });
          const loss =
            bestIou(actual, budget, unit, cost) - actual(best.volumes, best.slicesPerVolume);
          losses.set(name, [...(losses.get(name) ?? []), loss]);
        }
      }
    }
    return [...losses].map(([setting, values]) => {
      values.sort((a, b) => a - b);
      return {
        truth,
        setting,
        count: values.length,
        median: quantile(values, 0.5),
        percentile95: quantile(values, 0.95),
        worst: values.at(-1) ?? 0,
      };
    });
  });
}

/** The highest true IoU of any plan that a budget pays for. */
function bestIou(truth: Truth, budget: number, unit: BudgetUnit, cost: CostModel): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let volumes = 1; volumes <= pool.volumes; volumes++) {
    for (let slices = 1; slices <= pool.slices; slices++) {
      if (priceOf(pool, cost, volumes, slices)[unit] > budget) break;
      best = Math.max(best, truth(volumes, slices));
    }
  }
  return best;
}
