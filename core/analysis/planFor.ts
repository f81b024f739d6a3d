import { PlannerError } from "../errors.ts";
import type { AnnotationPlan, PlanRequest } from "./annotationPlan.ts";
import { isWithinReach } from "./learningSurface.ts";
import { planReasons } from "./planReasons.ts";
import { priceOf, recommend } from "./recommend.ts";
import type { SurfaceAnalysis } from "./surfaceAnalysis.ts";
import { planWarnings } from "./warnings.ts";

/** Density below which neither the paper nor common networks have been tried (methods 7.4). */
const LOWEST_DENSITY = 0.05;
/** A 3D transformer collapsed below this density in the paper. */
const LOWEST_TRANSFORMER_DENSITY = 0.2;

/**
 * The plan for a budget: the best that the experiment's surfaces promise, or, without a
 * surface, the paper's defaults: as many volumes as the budget reaches at 5 % density, then
 * as many slices in each as it pays for.
 *
 * @throws PlannerError "experiment" when the budget pays for no slice
 */
export function planFor(request: PlanRequest): AnnotationPlan {
  const { pool, cost, budget, unit, targetShare = null, targetLengthMm = null } = request;
  const chosen = bestSurface(request);
  const volumes = chosen?.recommendation.best.volumes ?? paperVolumes(request);
  const perVolume = chosen?.recommendation.best.slicesPerVolume;
  const isCapped = chosen !== null && chosen.recommendation.limit !== "budget";
  const slices = isCapped
    ? volumes * (perVolume ?? 1)
    : mostSlices(request, volumes, (count) =>
        chosen?.surface ? isWithinReach(chosen.surface, volumes, count / volumes) : true,
      );
  const slicesPerVolume = slices / volumes;
  const price = priceOf(pool, cost, volumes, slicesPerVolume);
  const interpolator = chosen?.interpolator ?? "none";
  const warnings = planWarnings({
    network: chosen?.network ?? "",
    interpolator,
    depth: pool.slices,
    slicesPerVolume,
    spacingMm: pool.spacingMm,
    targetShare,
    targetLengthMm,
  });
  if (chosen?.recommendation.limit === "reach") {
    warnings.push({
      code: "beyond-reach",
      message:
        `the budget of ${budget} ${unit} would annotate more than 4 times what was measured; the plan stops ` +
        "there, because nobody knows what lies beyond: run larger trials first",
    });
  }
  const outside = chosen && outsideMeasured(chosen.sizes, volumes, slicesPerVolume);
  if (outside) warnings.push({ code: "outside-measured", message: outside });
  const plan = {
    source: chosen ? ("experiment" as const) : ("paper" as const),
    network: chosen?.network ?? null,
    interpolator,
    volumes,
    slices,
    slicesPerVolume,
    hours: price.hours,
    money: price.money,
    currency: cost.currency,
    iou: chosen?.recommendation.best.iou ?? null,
    interval: chosen?.recommendation.best.interval ?? null,
    recommendation: chosen?.recommendation ?? null,
    warnings,
  };
  return { ...plan, reasons: planReasons(plan, request, chosen?.surface ?? null) };
}

/** The series that promises the highest IoU; null without any surface. */
function bestSurface({ surfaces, pool, budget, unit, cost }: PlanRequest) {
  const candidates = surfaces.flatMap(({ surface, doubt, network, interpolator, sizes }) => {
    if (!surface) return [];
    const floor = /unetr|former3d/i.test(network) ? LOWEST_TRANSFORMER_DENSITY : 0;
    const fewestSlices = Math.max(1, Math.ceil(floor * pool.slices));
    const inputs = { surface, doubt, pool, budget, unit, cost, fewestSlices, measured: sizes };
    return [{ network, interpolator, surface, sizes, recommendation: recommend(inputs) }];
  });
  return candidates.reduce<(typeof candidates)[number] | null>(
    (best, one) =>
      !best || one.recommendation.best.iou > best.recommendation.best.iou ? one : best,
    null,
  );
}

/** Says so when a plan lies more than a factor of 2 outside the measured volumes or slices. */
function outsideMeasured(
  sizes: SurfaceAnalysis["sizes"],
  volumes: number,
  slicesPerVolume: number,
): string | null {
  const isOutside = (value: number, measured: readonly number[]) =>
    measured.length > 0 && (value < Math.min(...measured) / 2 || value > Math.max(...measured) * 2);
  const range = (measured: readonly number[]) =>
    `${Math.round(Math.min(...measured))} to ${Math.round(Math.max(...measured))}`;
  const ofVolumes = sizes.map((size) => size.volumes);
  const ofSlices = sizes.map((size) => size.slicesPerVolume);
  if (!isOutside(volumes, ofVolumes) && !isOutside(slicesPerVolume, ofSlices)) return null;
  return (
    `${volumes} volumes with ${Math.round(slicesPerVolume)} slices each lie outside what the experiment measured ` +
    `(${range(ofVolumes)} volumes with ${range(ofSlices)} slices): the score is a guess`
  );
}

/** The most volumes for which the budget pays 5 % of the slices, at least one. */
function paperVolumes({ pool, cost, budget, unit }: PlanRequest): number {
  const perVolume = Math.min(pool.slices, Math.max(1, Math.ceil(LOWEST_DENSITY * pool.slices)));
  for (let volumes = pool.volumes; volumes > 1; volumes--) {
    if (priceOf(pool, cost, volumes, perVolume)[unit] <= budget) return volumes;
  }
  return 1;
}

/** The most slices in a number of volumes that the budget pays for. */
function mostSlices(
  { pool, cost, budget, unit }: PlanRequest,
  volumes: number,
  isAllowed: (slices: number) => boolean,
): number {
  let low = volumes - 1;
  let high = Math.floor(volumes * pool.slices);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    // Rounding must not cost a slice that is paid for.
    const isPaid = priceOf(pool, cost, volumes, middle / volumes)[unit] <= budget * (1 + 1e-12);
    if (isPaid && isAllowed(middle)) low = middle;
    else high = middle - 1;
  }
  if (low >= volumes) return low;
  throw new PlannerError(
    "experiment",
    `budget must pay for at least one slice of one volume, got ${budget} ${unit}`,
  );
}
