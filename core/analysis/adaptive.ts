import { mean, quantile } from "../evaluation/statistics.ts";
import type { Random } from "../random.ts";
import type { CostModel } from "./cost.ts";
import { bootstrapSurfaces, fitSurface, type SurfacePoint } from "./fitSurface.ts";
import { extrapolatedIou, type LearningSurface } from "./learningSurface.ts";
import {
  type AnnotationSize,
  affordableSizes,
  type BudgetUnit,
  type Pool,
  recommend,
} from "./recommend.ts";
import { withoutRepeatEffects } from "./repeatEffects.ts";

/** A configuration that may be tried, with its trials in the order in which they would run. */
export interface AdaptiveCandidate extends AnnotationSize {
  /** Repeats and strategies of this configuration. */
  readonly trials: readonly { readonly id: string; readonly repeat: number }[];
}

export interface AdaptiveInputs {
  readonly candidates: readonly AdaptiveCandidate[];
  /** IoU of finished trials by id; null for one that failed, which is not tried again. */
  readonly done: ReadonlyMap<string, number | null>;
  readonly pool: Pool;
  readonly budget: number;
  readonly unit: BudgetUnit;
  readonly cost: CostModel;
  /** IoU that a recommendation may lose; 0.005 unless said otherwise. */
  readonly tolerance?: number;
  /** Share of all trials after which it stops, settled or not; 0.5 unless said otherwise. */
  readonly mostShare?: number;
}

/** What to do next. */
export interface AdaptiveStep {
  /** The trial to run; null when the recommendation is settled or enough was spent. */
  readonly trial: string | null;
  readonly state: "opening" | "refining" | "settled" | "spent";
  /** The plan recommended so far; null before a surface can be fitted. */
  readonly best: AnnotationSize | null;
  /**
   * IoU that the recommendation loses at most, in 95 % of the surfaces that fit the trials;
   * null before there is one.
   */
  readonly doubt: number | null;
  readonly reason: string;
}

const TOLERANCE = 0.005;
/** Diagonals of equal budget that are tried before anything is fitted. */
const OPENING_DIAGONALS = 2;
/** Two trials each tell scatter from shape. */
const OPENING_REPEATS = 2;
/** Share of all trials that are run at most. */
const MOST = 0.5;
const SURFACES = 100;

/**
 * The next trial of an adaptive experiment. It opens with two trials of each configuration
 * on the two longest diagonals of equal budget and at the smallest and largest budget; then it
 * runs the trial that most reduces the doubt whether another plan beats the recommended one,
 * until no other plan is better by more than the tolerance in 95 % of the surfaces.
 *
 * The gain of a trial at x is judged to first order, as if surfaces were normally spread:
 *
 *     cov(d, f(x))^2 / (var f(x) + sigma^2)
 *
 * with d the difference of the two plans and sigma the scatter of a trial.
 *
 * Source: expected reduction of variance, MacKay 1992, doi:10.1162/neco.1992.4.4.590; the
 * rest is ours.
 */
export function nextTrial(inputs: AdaptiveInputs, random: Random): AdaptiveStep {
  const { candidates, done, tolerance = TOLERANCE, mostShare = MOST } = inputs;
  const opening = openingTrial(inputs);
  if (opening) return opening;
  const points = pointsOf(candidates, done);
  if (new Set(points.map(named)).size < 4) return blind(inputs);
  const surface = fitSurface(points);
  const surfaces = bootstrapSurfaces(points, SURFACES, random.fork(`adaptive ${points.length}`));
  const { best } = recommend({ ...inputs, surface, doubt: [] });
  const sizes = affordableSizes(inputs);
  const doubt = doubtOf(surfaces, best, sizes);
  const found = { best: { volumes: best.volumes, slicesPerVolume: best.slicesPerVolume }, doubt };
  const left = candidates.filter(({ trials }) => trials.some(({ id }) => !done.has(id)));
  if (doubt <= tolerance) {
    const reason = `no other plan is better by more than ${tolerance} IoU in 95 % of the surfaces`;
    return { trial: null, state: "settled", ...found, reason };
  }
  const rival = rivalOf(surfaces, best, sizes);
  const next = mostTelling(left, surfaces, best, rival, surface.residual);
  const all = candidates.reduce((sum, { trials }) => sum + trials.length, 0);
  if (!next || done.size >= mostShare * all) {
    const reason = `${done.size} of ${all} trials are done and another plan may still be better by ${doubt.toFixed(3)} IoU`;
    return { trial: null, state: "spent", ...found, reason };
  }
  return {
    trial: next.trials.find(({ id }) => !done.has(id))?.id ?? null,
    state: "refining",
    ...found,
    reason: `${named(next)} tells most about whether ${named(rival)} beats ${named(best)}`,
  };
}

/** The first repeat of the whole opening, then the second; null when the opening is done. */
function openingTrial({ candidates, done }: AdaptiveInputs): AdaptiveStep | null {
  const opening = openingOf(candidates);
  for (let repeat = 0; repeat < OPENING_REPEATS; repeat++) {
    for (const one of opening) {
      const trial = one.trials[repeat]?.id;
      if (trial === undefined || done.has(trial)) continue;
      const reason = `${named(one)} is part of the opening: equal budgets, spent in different ways`;
      return { trial, state: "opening", best: null, doubt: null, reason };
    }
  }
  return null;
}

/** What is left when too many trials failed to fit anything: the first that is not done. */
function blind({ candidates, done }: AdaptiveInputs): AdaptiveStep {
  const trial =
    candidates.flatMap(({ trials }) => trials).find(({ id }) => !done.has(id))?.id ?? null;
  return {
    trial,
    state: trial === null ? "spent" : "opening",
    best: null,
    doubt: null,
    reason: "fewer than 4 configurations have a score yet",
  };
}

/** Two longest diagonals of equal budget, longest first, then smallest and largest budget. */
function openingOf(candidates: readonly AdaptiveCandidate[]): AdaptiveCandidate[] {
  const sorted = [...candidates].sort((a, b) => slicesOf(a) - slicesOf(b));
  const diagonals: AdaptiveCandidate[][] = [];
  for (const one of sorted) {
    const last = diagonals.at(-1);
    // Rounding to whole slices and volumes shifts budgets a little.
    if (last && slicesOf(one) <= 1.2 * slicesOf(last[0] as AdaptiveCandidate)) last.push(one);
    else diagonals.push([one]);
  }
  const longest = [...diagonals]
    .sort((a, b) => b.length - a.length)
    .slice(0, OPENING_DIAGONALS)
    .flat();
  const ends = [sorted[0], sorted.at(-1)].filter((one) => one !== undefined);
  return [...new Set([...longest, ...ends])];
}

function slicesOf({ volumes, slicesPerVolume }: AnnotationSize): number {
  return volumes * slicesPerVolume;
}

/** Scores so far, without what all trials of a repeat have in common. */
function pointsOf(
  candidates: readonly AdaptiveCandidate[],
  done: ReadonlyMap<string, number | null>,
): SurfacePoint[] {
  const scored = candidates.flatMap((candidate) =>
    candidate.trials.flatMap(({ id, repeat }) => {
      const iou = done.get(id);
      return iou == null ? [] : [{ candidate, configuration: named(candidate), repeat, iou }];
    }),
  );
  const levelled = withoutRepeatEffects(scored);
  return scored.map(({ candidate: { volumes, slicesPerVolume } }, at) => ({
    volumes,
    slicesPerVolume,
    iou: levelled.iou[at] as number,
  }));
}

/** 95th percentile over surfaces of what the best plan loses to the surface's own best. */
function doubtOf(
  surfaces: readonly LearningSurface[],
  best: AnnotationSize,
  sizes: readonly AnnotationSize[],
): number {
  const losses = surfaces.map(
    (surface) => Math.max(...sizes.map((size) => on(surface, size))) - on(surface, best),
  );
  return quantile(
    losses.sort((a, b) => a - b),
    0.95,
  );
}

/** The plan that beats the best one by most, summed over the surfaces on which it does. */
function rivalOf(
  surfaces: readonly LearningSurface[],
  best: AnnotationSize,
  sizes: readonly AnnotationSize[],
): AnnotationSize {
  const winnings = sizes.map((size) =>
    surfaces.reduce((sum, one) => sum + Math.max(0, on(one, size) - on(one, best)), 0),
  );
  return sizes[winnings.indexOf(Math.max(...winnings))] ?? best;
}

function mostTelling(
  candidates: readonly AdaptiveCandidate[],
  surfaces: readonly LearningSurface[],
  best: AnnotationSize,
  rival: AnnotationSize,
  scatter: number,
): AdaptiveCandidate | null {
  const differences = surfaces.map((surface) => on(surface, rival) - on(surface, best));
  const gains = candidates.map((candidate) => {
    const scores = surfaces.map((surface) => on(surface, candidate));
    const shared = covariance(differences, scores);
    return (shared * shared) / (covariance(scores, scores) + scatter * scatter + 1e-12);
  });
  return candidates[gains.indexOf(Math.max(...gains))] ?? null;
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const centreA = mean(a);
  const centreB = mean(b);
  return mean(a.map((value, k) => (value - centreA) * ((b[k] as number) - centreB)));
}

function on(surface: LearningSurface, { volumes, slicesPerVolume }: AnnotationSize): number {
  return extrapolatedIou(surface, volumes, slicesPerVolume);
}

function named({ volumes, slicesPerVolume }: AnnotationSize): string {
  return `${volumes} volumes with ${Math.round(slicesPerVolume * 10) / 10} slices each`;
}
