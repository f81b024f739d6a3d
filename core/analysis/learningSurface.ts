import { PlannerError } from "../errors.ts";
import { quantile } from "../evaluation/statistics.ts";

/**
 * Score over annotation:
 *
 *     IoU = ceiling - gap * n^(-rate)
 *
 * n counts effective slices: slices of one volume tell partly the same story. It takes one of
 * two forms, whichever fits the trials better:
 *
 *     overlap:  n = V m / (1 + (m - 1) r)    r = 0: a slice is a slice wherever it lies;
 *                                            r = 1: a volume counts as one slice
 *     power:    n = V m^e                    e < 1: volumes gain more than density; e > 1: less
 *
 * with V volumes of m annotated slices each. Under both, n = V for one slice per volume.
 *
 * Source: design effect of cluster sampling, Kish 1965; power law of error, Hestness et al.
 * 2017, arXiv:1712.00409; their joint use is ours.
 */
export interface LearningSurface {
  readonly ceiling: number;
  readonly gap: number;
  readonly rate: number;
  readonly form: SurfaceForm;
  /** r of the overlap form, 0..1; e of the power form, 0..3. */
  readonly shape: number;
  /** Root mean square residual. */
  readonly residual: number;
  /** Largest n measured: predictions far beyond it are refused. */
  readonly largest: number;
}

export type SurfaceForm = "overlap" | "power";

/** How far beyond the largest measured n a prediction may go. */
const FARTHEST = 4;

/** V m / (1 + (m - 1) r) */
export function effectiveSlices(
  volumes: number,
  slicesPerVolume: number,
  correlation: number,
): number {
  return (volumes * slicesPerVolume) / (1 + (slicesPerVolume - 1) * correlation);
}

/** n of a size of annotation under a form. */
export function sizeUnder(
  form: SurfaceForm,
  shape: number,
  volumes: number,
  slicesPerVolume: number,
): number {
  return form === "overlap"
    ? effectiveSlices(volumes, slicesPerVolume, shape)
    : volumes * slicesPerVolume ** shape;
}

/** n of a size of annotation on a surface. */
export function sizeOn(
  { form, shape }: LearningSurface,
  volumes: number,
  slicesPerVolume: number,
): number {
  return sizeUnder(form, shape, volumes, slicesPerVolume);
}

/** Slices per volume that give a size n in V volumes; infinity where none does. */
export function slicesFor({ form, shape }: LearningSurface, volumes: number, size: number): number {
  if (size <= volumes) return 1;
  if (form === "power") {
    return shape > 0 ? (size / volumes) ** (1 / shape) : Number.POSITIVE_INFINITY;
  }
  const left = volumes - size * shape;
  return left > 0 ? (size * (1 - shape)) / left : Number.POSITIVE_INFINITY;
}

/** Whether a size lies within 4 times the largest one measured, so that a prediction is honest. */
export function isWithinReach(
  surface: LearningSurface,
  volumes: number,
  slicesPerVolume: number,
): boolean {
  return sizeOn(surface, volumes, slicesPerVolume) <= FARTHEST * surface.largest;
}

/** IoU on the surface, however far beyond what was measured. */
export function extrapolatedIou(
  surface: LearningSurface,
  volumes: number,
  slicesPerVolume: number,
): number {
  const { ceiling, gap, rate } = surface;
  const iou = ceiling - gap * sizeOn(surface, volumes, slicesPerVolume) ** -rate;
  return Math.min(1, Math.max(0, iou));
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
    const size = sizeOn(surface, volumes, slicesPerVolume);
    throw new PlannerError(
      "results",
      `a prediction must stay within ${FARTHEST} times the largest measured size of ` +
        `${Math.round(surface.largest)} effective slices, got ${Math.round(size)}`,
    );
  }
  return extrapolatedIou(surface, volumes, slicesPerVolume);
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
