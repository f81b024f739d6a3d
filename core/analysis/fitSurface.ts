import { PlannerError } from "../errors.ts";
import type { Random } from "../random.ts";
import {
  type LearningSurface,
  type SurfaceForm,
  sizeUnder,
  surfaceIou,
} from "./learningSurface.ts";

/** A measured score at a size of annotation. */
export interface SurfacePoint {
  /** V, annotated volumes. */
  readonly volumes: number;
  /** m, annotated slices per volume (mean where volumes differ in depth). */
  readonly slicesPerVolume: number;
  /** Test IoU of one trial. */
  readonly iou: number;
}

/** Least different effective sizes that a surface may be fitted to. */
const FEWEST_SIZES = 4;

const forms: readonly SurfaceForm[] = ["overlap", "power"];
const shapeRanges = { overlap: [0, 1], power: [0, 3] } as const;
const rateRange = [0.02, 2] as const;

/**
 * Least-squares fit of the surface, in the form that fits better. For a given shape and rate
 * the other two parameters are linear, so the search is a plane: a grid, then finer grids
 * around the best.
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
  return finished(bestOf(fittedForms(sizes)), points, sizes);
}

/**
 * Surfaces fitted to simulated repetitions of the trials (parametric bootstrap): the fitted
 * surface plus normal scatter of the size that was found around it. Their spread is the
 * doubt about the fit, the choice of its form included.
 *
 * @param spent - parameters that were fitted to the points before, besides the surface's four
 *
 * Source: Efron and Tibshirani 1993, chapter 6.5.
 */
export function bootstrapSurfaces(
  points: readonly SurfacePoint[],
  count: number,
  random: Random,
  spent = 0,
): LearningSurface[] {
  const fitted = fitSurface(points);
  const sizes = meansBySize(points);
  // Residuals are smaller than the scatter by what the fitted parameters took up.
  const degrees = Math.max(1, points.length - 4 - spent);
  const scatter = fitted.residual * Math.sqrt(points.length / degrees);
  const starts = fittedForms(sizes).map((one) => ({ ...one, squares: Number.POSITIVE_INFINITY }));
  return Array.from({ length: count }, () => {
    const simulated = sizes.map((size) => ({
      ...size,
      iou:
        surfaceIou(fitted, size.volumes, size.slicesPerVolume) +
        (scatter / Math.sqrt(size.trials)) * random.normal(),
    }));
    return finished(bestOf(starts.map((start) => refined(simulated, start, 0.25))), points, sizes);
  });
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

/** The parameters, and the weighted squares they leave between sizes. */
interface Candidate {
  readonly form: SurfaceForm;
  readonly shape: number;
  readonly rate: number;
  readonly ceiling: number;
  readonly gap: number;
  readonly squares: number;
}

type Range = readonly [low: number, high: number];

function fittedForms(sizes: readonly SizeMean[]): Candidate[] {
  return forms.map((form) =>
    refined(sizes, bestOnGrid(sizes, form, shapeRanges[form], rateRange, 21), 1 / 20),
  );
}

/** The first of equals: the overlap form, whose parameter has a meaning. */
function bestOf(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((best, one) => (one.squares < best.squares ? one : best));
}

/** Ever finer grids around a candidate; the reach is a share of the shape's range. */
function refined(sizes: readonly SizeMean[], start: Candidate, firstReach: number): Candidate {
  const { form } = start;
  const [low, high] = shapeRanges[form];
  let best = start;
  let reach = firstReach;
  for (let round = 0; round < 6; round++) {
    const { shape, rate } = best;
    const around = reach * (high - low);
    const near = bestOnGrid(
      sizes,
      form,
      [Math.max(low, shape - around), Math.min(high, shape + around)],
      [Math.max(rateRange[0], rate - 2 * reach), Math.min(rateRange[1], rate + 2 * reach)],
      7,
    );
    if (near.squares <= best.squares) best = near;
    reach /= 2.5;
  }
  return best;
}

function bestOnGrid(
  sizes: readonly SizeMean[],
  form: SurfaceForm,
  shapes: Range,
  rates: Range,
  count: number,
): Candidate {
  let best: Candidate | null = null;
  const steps = ([from, to]: Range) =>
    Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));
  for (const shape of steps(shapes)) {
    const logs = sizes.map((one) =>
      Math.log(sizeUnder(form, shape, one.volumes, one.slicesPerVolume)),
    );
    for (const rate of steps(rates)) {
      const candidate = { form, shape, rate, ...solveLinear(sizes, logs, rate) };
      if (!best || candidate.squares < best.squares) best = candidate;
    }
  }
  return best as Candidate;
}

/** Ceiling and gap for given sizes and rate; ceiling <= 1, gap >= 0. */
function solveLinear(sizes: readonly SizeMean[], logs: readonly number[], rate: number) {
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
  return { ceiling, gap, squares };
}

function finished(
  { form, shape, ceiling, gap, rate }: Candidate,
  points: readonly SurfacePoint[],
  sizes: readonly SizeMean[],
): LearningSurface {
  const size = (one: { volumes: number; slicesPerVolume: number }) =>
    sizeUnder(form, shape, one.volumes, one.slicesPerVolume);
  const squares = points.reduce(
    (sum, point) => sum + (point.iou - ceiling + gap * size(point) ** -rate) ** 2,
    0,
  );
  return {
    ceiling,
    gap,
    rate,
    form,
    shape,
    residual: Math.sqrt(squares / points.length),
    largest: Math.max(...sizes.map(size)),
  };
}
