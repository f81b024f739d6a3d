import { PlannerError } from "../errors.ts";
import { type CostModel, hoursOf, moneyOf, type Work } from "./cost.ts";
import {
  extrapolatedIou,
  iouInterval,
  isWithinReach,
  type LearningSurface,
  surfaceIou,
} from "./learningSurface.ts";

/** What there is to annotate. */
export interface Pool {
  readonly volumes: number;
  /** Slices of a volume, mean. */
  readonly slices: number;
  /** Distance between slices, mm. */
  readonly spacingMm: number;
}

export type BudgetUnit = "slices" | "hours" | "money";

/** V volumes with m annotated slices each. */
export interface AnnotationSize {
  readonly volumes: number;
  readonly slicesPerVolume: number;
}

/** A way to spend a budget. */
export interface Plan {
  readonly volumes: number;
  readonly slicesPerVolume: number;
  /** Annotated slices in all. */
  readonly slices: number;
  readonly hours: number;
  readonly money: number;
  /** Expected test IoU. */
  readonly iou: number;
  readonly interval: readonly [low: number, high: number];
}

/** A plan before its interval, which takes a walk over every bootstrap surface. */
type Candidate = Omit<Plan, "interval">;

export interface Recommendation {
  readonly best: Plan;
  /** The best plan that annotates a clearly different number of volumes; null if none fits. */
  readonly runnerUp: Plan | null;
  /** Share of the bootstrap surfaces on which `best` beats `runnerUp`; 1 without one. */
  readonly confidence: number;
  /**
   * What keeps it from annotating more: the budget, the end of what the experiment can
   * honestly predict (4 times what it measured), or that everything is annotated.
   */
  readonly limit: "budget" | "reach" | "pool";
  /** Expected gain in IoU per hour of one more volume as densely annotated; null at the end. */
  readonly gainOfVolume: number | null;
  /** Expected gain in IoU per hour of one more slice in every volume; null at the end. */
  readonly gainOfSlice: number | null;
}

export interface RecommendInputs {
  readonly surface: LearningSurface;
  /** Its bootstrap, see `bootstrapSurfaces`. */
  readonly doubt: readonly LearningSurface[];
  readonly pool: Pool;
  readonly budget: number;
  readonly unit: BudgetUnit;
  readonly cost: CostModel;
  /** Least slices per volume, for networks that fail below a density. */
  readonly fewestSlices?: number;
  /** Sizes that trials measured; see `isSupported`. */
  readonly measured?: readonly AnnotationSize[];
}

/**
 * The plan with the highest expected IoU that a budget pays for. Of plans that are equal
 * to a ten-thousandth of IoU the one with more volumes: it is the safer one (the
 * paper's main finding). Plans that trials support come first; others are taken only where
 * the budget pays for none of them.
 *
 * @throws PlannerError "experiment" when the budget pays for no slice at all
 */
export function recommend(inputs: RecommendInputs): Recommendation {
  const affordable = affordablePlans(inputs);
  const supported = affordable.filter((plan) => isSupported(plan, inputs));
  const plans = supported.length > 0 ? supported : affordable;
  const best = bestOf(plans);
  if (!best) {
    throw new PlannerError(
      "experiment",
      `budget must pay for at least one slice of one volume, got ${inputs.budget} ${inputs.unit}`,
    );
  }
  const isDifferent = ({ volumes }: Candidate) =>
    Math.abs(Math.log2(volumes / best.volumes)) >= Math.log2(1.5);
  const runnerUp = bestOf(plans.filter(isDifferent));
  const { doubt } = inputs;
  const wins = doubt.filter(
    (surface) => runnerUp && onSurface(surface, best) >= onSurface(surface, runnerUp),
  );
  return {
    best: withInterval(inputs, best),
    runnerUp: runnerUp && withInterval(inputs, runnerUp),
    confidence: runnerUp && doubt.length > 0 ? wins.length / doubt.length : 1,
    limit: limitOf(inputs, best),
    ...marginalGains(inputs, best),
  };
}

/** For every number of volumes the most slices in each that the budget pays for. */
export function affordableSizes(
  inputs: Pick<RecommendInputs, "pool" | "cost" | "budget" | "unit" | "fewestSlices">,
  isAllowed: (volumes: number, slicesPerVolume: number) => boolean = () => true,
): AnnotationSize[] {
  const { pool, cost, budget, unit, fewestSlices = 1 } = inputs;
  const sizes: AnnotationSize[] = [];
  for (let volumes = 1; volumes <= pool.volumes; volumes++) {
    let low = fewestSlices - 1;
    let high = Math.floor(pool.slices);
    // The price grows with slices per volume, so the most that is affordable is bisected.
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const isPaid = priceOf(pool, cost, volumes, middle)[unit] <= budget;
      if (isPaid && isAllowed(volumes, middle)) low = middle;
      else high = middle - 1;
    }
    if (low >= fewestSlices) sizes.push({ volumes, slicesPerVolume: low });
  }
  return sizes;
}

/** The sizes within honest reach, priced and scored. */
function affordablePlans(inputs: RecommendInputs): Candidate[] {
  return affordableSizes(inputs, (volumes, slicesPerVolume) =>
    isWithinReach(inputs.surface, volumes, slicesPerVolume),
  ).map(({ volumes, slicesPerVolume }) => planOf(inputs, volumes, slicesPerVolume));
}

/**
 * Whether trials speak for a plan: no fewer volumes than the fewest that were measured, and
 * no more slices in each than the most that were, unless every volume is annotated already.
 * Few trials fit a surface that says anything about a handful of volumes annotated densely.
 */
function isSupported(
  { volumes, slicesPerVolume }: AnnotationSize,
  { measured = [], pool }: RecommendInputs,
): boolean {
  if (measured.length === 0) return true;
  const fewestVolumes = Math.min(pool.volumes, ...measured.map((size) => size.volumes));
  const mostSlices = Math.max(...measured.map((size) => size.slicesPerVolume));
  return volumes >= fewestVolumes && (slicesPerVolume <= mostSlices || volumes === pool.volumes);
}

function bestOf(plans: readonly Candidate[]): Candidate | null {
  let best: Candidate | null = null;
  for (const plan of plans) if (!best || plan.iou >= best.iou - 1e-4) best = better(best, plan);
  return best;
}

function better(a: Candidate | null, b: Candidate): Candidate {
  if (!a || b.iou > a.iou + 1e-4) return b;
  return b.volumes > a.volumes ? b : a;
}

function planOf(inputs: RecommendInputs, volumes: number, slicesPerVolume: number): Candidate {
  return {
    volumes,
    slicesPerVolume,
    ...priceOf(inputs.pool, inputs.cost, volumes, slicesPerVolume),
    iou: surfaceIou(inputs.surface, volumes, slicesPerVolume),
  };
}

function withInterval({ doubt }: RecommendInputs, plan: Candidate): Plan {
  const { volumes, slicesPerVolume, iou } = plan;
  const interval =
    doubt.length > 0 ? iouInterval(doubt, volumes, slicesPerVolume) : ([iou, iou] as const);
  return { ...plan, interval };
}

/**
 * What a plan costs in every unit.
 *
 * @param slicesPerVolume - mean; need not be whole
 */
export function priceOf(
  pool: Pool,
  cost: CostModel,
  volumes: number,
  slicesPerVolume: number,
): Readonly<Record<BudgetUnit, number>> {
  const work: Work = {
    volumes,
    slices: volumes * slicesPerVolume,
    interpolatedSlices: 0,
    gapMm: (pool.slices * pool.spacingMm) / slicesPerVolume,
  };
  return { slices: work.slices, hours: hoursOf(work, cost), money: moneyOf(work, cost) };
}

function onSurface(surface: LearningSurface, { volumes, slicesPerVolume }: Candidate): number {
  return extrapolatedIou(surface, volumes, slicesPerVolume);
}

function limitOf(inputs: RecommendInputs, { volumes, slicesPerVolume }: Candidate) {
  const { pool, surface, budget, unit } = inputs;
  const next =
    slicesPerVolume < Math.floor(pool.slices)
      ? ([volumes, slicesPerVolume + 1] as const)
      : ([volumes + 1, slicesPerVolume] as const);
  if (next[0] > pool.volumes) return "pool";
  if (priceOf(pool, inputs.cost, ...next)[unit] > budget) return "budget";
  return isWithinReach(surface, ...next) ? "budget" : "reach";
}

function marginalGains(inputs: RecommendInputs, best: Candidate) {
  const { pool, surface } = inputs;
  const perHour = (volumes: number, slicesPerVolume: number) => {
    const hours = priceOf(pool, inputs.cost, volumes, slicesPerVolume).hours - best.hours;
    const gain = onSurface(surface, { ...best, volumes, slicesPerVolume }) - best.iou;
    return hours > 0 ? gain / hours : null;
  };
  return {
    gainOfVolume:
      best.volumes < pool.volumes ? perHour(best.volumes + 1, best.slicesPerVolume) : null,
    gainOfSlice:
      best.slicesPerVolume < pool.slices ? perHour(best.volumes, best.slicesPerVolume + 1) : null,
  };
}
