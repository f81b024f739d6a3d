import { PlannerError } from "../errors.ts";
import { quantile } from "../evaluation/statistics.ts";
import type { Random } from "../random.ts";

/** A measured score at a size of annotation. */
export interface SurfacePoint {
  /** V, annotated volumes. */
  readonly volumes: number;
  /** m, annotated slices per volume (mean where volumes differ in depth). */
  readonly slicesPerVolume: number;
  /** Test IoU of one trial. */
  readonly iou: number;
}

/**
 * Score over annotation with slices of one volume that tell partly the same story:
 *
 *     n_eff = V m / (1 + (m - 1) r),   IoU = ceiling - gap * n_eff^(-rate)
 *
 * r = 0: a slice is a slice wherever it lies; r = 1: a volume counts as one slice however
 * many of its slices are annotated.
 *
 * Source: design effect of cluster sampling, Kish 1965; power law of error, Hestness et al.
 * 2017, arXiv:1712.00409; their joint use is ours.
 */
export interface LearningSurface {
  readonly ceiling: number;
  readonly gap: number;
  readonly rate: number;
  /** r, 0..1 */
  readonly correlation: number;
  /** Root mean square residual. */
  readonly residual: number;
  /** Largest n_eff measured: predictions far beyond it are refused. */
  readonly largest: number;
}

/** Least different effective sizes that a surface may be fitted to. */
const FEWEST_SIZES = 4;
/** How far beyond the largest measured n_eff a prediction may go. */
const FARTHEST = 4;

/** V m / (1 + (m - 1) r) */
export function effectiveSlices(
  volumes: number,
  slicesPerVolume: number,
  correlation: number,
): number {
  return (volumes * slicesPerVolume) / (1 + (slicesPerVolume - 1) * correlation);
}

/**
 * Least-squares fit of the surface. For a given correlation and rate the other two
 * parameters are linear, so the search is a plane: a grid, then finer grids around the best.
 *
 * @throws PlannerError "results" with fewer than 4 different sizes: any curve would fit
 */
export function fitSurface(points: readonly SurfacePoint[]): LearningSurface {
  const sizes = meansBySize(points);
  if (sizes.length < FEWEST_SIZES) {
    throw new PlannerError(
      "results",
      `a learning surface needs at least ${FEWEST_SIZES} different configurations, got ${sizes.length}`,
    );
  }
  const coarse = bestOnGrid(sizes, { correlation: [0, 1], rate: [0.02, 2] }, 21);
  return finished(refined(sizes, coarse, 1 / 20), points, sizes);
}

/** The trials of one size. */
interface SizeMean {
  readonly volumes: number;
  readonly slicesPerVolume: number;
  readonly trials: number;
  /** Mean IoU. */
  readonly iou: number;
}

function meansBySize(points: readonly SurfacePoint[]): SizeMean[] {
  const groups = new Map<string, SurfacePoint[]>();
  for (const point of points) {
    const key = `${point.volumes} ${point.slicesPerVolume}`;
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()].map((group) => {
    const { volumes, slicesPerVolume } = group[0] as SurfacePoint;
    const iou = group.reduce((sum, point) => sum + point.iou, 0) / group.length;
    return { volumes, slicesPerVolume, trials: group.length, iou };
  });
}

/** The four parameters, and the weighted squares they leave between sizes. */
interface Candidate {
  readonly ceiling: number;
  readonly gap: number;
  readonly rate: number;
  readonly correlation: number;
  readonly squares: number;
}

interface Ranges {
  readonly correlation: readonly [number, number];
  readonly rate: readonly [number, number];
}

/** Ever finer grids around a candidate. */
function refined(sizes: readonly SizeMean[], start: Candidate, firstReach: number): Candidate {
  let best = start;
  let reach = firstReach;
  for (let round = 0; round < 6; round++) {
    const { correlation, rate } = best;
    const near = bestOnGrid(
      sizes,
      {
        correlation: [Math.max(0, correlation - reach), Math.min(1, correlation + reach)],
        rate: [Math.max(0.02, rate - 2 * reach), Math.min(2, rate + 2 * reach)],
      },
      7,
    );
    if (near.squares <= best.squares) best = near;
    reach /= 2.5;
  }
  return best;
}

function bestOnGrid(sizes: readonly SizeMean[], ranges: Ranges, count: number): Candidate {
  let best: Candidate | null = null;
  const steps = ([from, to]: readonly [number, number]) =>
    Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));
  for (const correlation of steps(ranges.correlation)) {
    const logs = sizes.map((size) =>
      Math.log(effectiveSlices(size.volumes, size.slicesPerVolume, correlation)),
    );
    for (const rate of steps(ranges.rate)) {
      const candidate = solveLinear(sizes, logs, correlation, rate);
      if (!best || candidate.squares < best.squares) best = candidate;
    }
  }
  return best as Candidate;
}

/** Ceiling and gap for a given correlation and rate; ceiling <= 1, gap >= 0. */
function solveLinear(
  sizes: readonly SizeMean[],
  logs: readonly number[],
  correlation: number,
  rate: number,
): Candidate {
  const basis = logs.map((log) => Math.exp(-rate * log));
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let k = 0; k < sizes.length; k++) {
    const { trials, iou } = sizes[k] as SizeMean;
    const x = basis[k] as number;
    n += trials;
    sx += trials * x;
    sy += trials * iou;
    sxx += trials * x * x;
    sxy += trials * x * iou;
  }
  const spread = n * sxx - sx * sx;
  let gap = spread > 1e-15 ? Math.max(0, (sx * sy - n * sxy) / spread) : 0;
  let ceiling = (sy + gap * sx) / n;
  if (ceiling > 1) {
    ceiling = 1;
    gap = Math.max(0, (sx - sxy) / sxx);
  }
  let squares = 0;
  for (let k = 0; k < sizes.length; k++) {
    const { trials, iou } = sizes[k] as SizeMean;
    squares += trials * (iou - ceiling + gap * (basis[k] as number)) ** 2;
  }
  return { ceiling, gap, rate, correlation, squares };
}

function finished(
  { ceiling, gap, rate, correlation }: Candidate,
  points: readonly SurfacePoint[],
  sizes: readonly SizeMean[],
): LearningSurface {
  const effective = (one: { volumes: number; slicesPerVolume: number }) =>
    effectiveSlices(one.volumes, one.slicesPerVolume, correlation);
  const squares = points.reduce(
    (sum, point) => sum + (point.iou - ceiling + gap * effective(point) ** -rate) ** 2,
    0,
  );
  return {
    ceiling,
    gap,
    rate,
    correlation,
    residual: Math.sqrt(squares / points.length),
    largest: Math.max(...sizes.map(effective)),
  };
}

/** Whether a size lies within 4 times the largest one measured, so that a prediction is honest. */
export function isWithinReach(
  surface: LearningSurface,
  volumes: number,
  slicesPerVolume: number,
): boolean {
  const size = effectiveSlices(volumes, slicesPerVolume, surface.correlation);
  return size <= FARTHEST * surface.largest;
}

/** IoU on the surface, however far beyond what was measured. */
export function extrapolatedIou(
  { ceiling, gap, rate, correlation }: LearningSurface,
  volumes: number,
  slicesPerVolume: number,
): number {
  return Math.max(
    0,
    ceiling - gap * effectiveSlices(volumes, slicesPerVolume, correlation) ** -rate,
  );
}

/**
 * IoU that the surface expects.
 *
 * @throws PlannerError "results" beyond 4 times the largest effective size measured
 */
export function surfaceIou(
  surface: LearningSurface,
  volumes: number,
  slicesPerVolume: number,
): number {
  if (!isWithinReach(surface, volumes, slicesPerVolume)) {
    const size = effectiveSlices(volumes, slicesPerVolume, surface.correlation);
    throw new PlannerError(
      "results",
      `a prediction must stay within ${FARTHEST} times the largest measured size of ` +
        `${Math.round(surface.largest)} effective slices, got ${Math.round(size)}`,
    );
  }
  return extrapolatedIou(surface, volumes, slicesPerVolume);
}

/**
 * Surfaces fitted to simulated repetitions of the trials (parametric bootstrap): the fitted
 * surface plus normal scatter of the size that was found around it. Their spread is the
 * doubt about the fit.
 *
 * Source: Efron and Tibshirani 1993, chapter 6.5.
 */
export function bootstrapSurfaces(
  points: readonly SurfacePoint[],
  count: number,
  random: Random,
): LearningSurface[] {
  const fitted = fitSurface(points);
  const sizes = meansBySize(points);
  // Residuals are smaller than the scatter by what the fit's four parameters took up.
  const scatter = fitted.residual * Math.sqrt(points.length / Math.max(1, points.length - 4));
  const start: Candidate = { ...fitted, squares: Number.POSITIVE_INFINITY };
  return Array.from({ length: count }, () => {
    const simulated = sizes.map((size) => ({
      ...size,
      iou:
        surfaceIou(fitted, size.volumes, size.slicesPerVolume) +
        (scatter / Math.sqrt(size.trials)) * random.normal(),
    }));
    return finished(refined(simulated, start, 0.25), points, sizes);
  });
}

/** Interval that holds the middle `level` of what the surfaces expect at a size. */
export function iouInterval(
  surfaces: readonly LearningSurface[],
  volumes: number,
  slicesPerVolume: number,
  level = 0.95,
): readonly [low: number, high: number] {
  const values = surfaces
    .map((surface) => extrapolatedIou(surface, volumes, slicesPerVolume))
    .sort((a, b) => a - b);
  return [quantile(values, (1 - level) / 2), quantile(values, (1 + level) / 2)];
}
