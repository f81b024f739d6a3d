import { interpolatorLabels, networkLabels } from "../experiment/methods.ts";
import type { AnnotationPlan, PlanRequest } from "./annotationPlan.ts";
import { type LearningSurface, sizeOn } from "./learningSurface.ts";
import { priceOf } from "./recommend.ts";

/** Why a plan is as it is, in sentences, the weightiest first. */
export function planReasons(
  plan: Omit<AnnotationPlan, "reasons">,
  request: PlanRequest,
  surface: LearningSurface | null,
): string[] {
  return surface && plan.recommendation
    ? fromExperiment(plan, request, surface)
    : fromPaper(plan, request);
}

function fromPaper(
  { volumes, slicesPerVolume }: Omit<AnnotationPlan, "reasons">,
  { pool, surfaces }: PlanRequest,
): string[] {
  const missing = surfaces.find(({ reason }) => reason !== null)?.reason;
  const isAll = volumes === pool.volumes;
  return [
    missing
      ? `the experiment does not bear a plan (${missing}), so this rests on the paper's defaults`
      : "no experiment was given, so this rests on the paper's defaults and promises no score",
    isAll
      ? `all ${volumes} volumes: at equal budget more volumes with fewer slices each scored better in nearly all of the paper's comparisons`
      : `${volumes} of ${pool.volumes} volumes: more would leave fewer than 5 % of the slices in each, less than the paper studied`,
    `${shown(slicesPerVolume)} slices per volume (${shown((100 * slicesPerVolume) / pool.slices)} %) is what the budget then pays for`,
    "how slices are chosen within a volume made little difference in the paper, so fixed intervals do",
  ];
}

function fromExperiment(
  {
    volumes,
    slicesPerVolume,
    recommendation,
    network,
    interpolator,
  }: Omit<AnnotationPlan, "reasons">,
  { pool, cost, unit, surfaces }: PlanRequest,
  surface: LearningSurface,
): string[] {
  const reasons = [
    ...(network && surfaces.length > 1
      ? [
          `of what was tried, ${networkLabels[network]} with ${interpolatorLabels[interpolator].toLowerCase()} is expected to score best`,
        ]
      : []),
    overlapReason(surface, Math.max(2, Math.round(slicesPerVolume))),
  ];
  const opening =
    priceOf(pool, cost, 1, 1).hours - priceOf(pool, { ...cost, minutesPerVolume: 0 }, 1, 1).hours;
  if (volumes < pool.volumes && unit !== "slices" && opening > 0) {
    reasons.push(
      `${volumes} of ${pool.volumes} volumes: opening another one costs ${shown(60 * opening)} minutes, ` +
        "which buys more as slices in those already open",
    );
  }
  if (!recommendation) return reasons;
  const { runnerUp, confidence, gainOfVolume, gainOfSlice, limit } = recommendation;
  if (runnerUp) {
    reasons.push(
      `next best: ${runnerUp.volumes} volumes with ${shown(runnerUp.slicesPerVolume)} slices each, IoU ` +
        `${runnerUp.iou.toFixed(3)}; this plan beats it in ${Math.round(100 * confidence)} % of the surfaces that fit the trials`,
    );
  }
  if (gainOfVolume !== null) {
    reasons.push(`one more volume would gain ${gainOfVolume.toFixed(4)} IoU per hour of work`);
  }
  if (gainOfSlice !== null) {
    reasons.push(
      `one more slice in every volume would gain ${gainOfSlice.toFixed(4)} IoU per hour of work`,
    );
  }
  if (limit === "pool")
    reasons.push("everything there is gets annotated; the budget pays for more");
  return reasons;
}

function overlapReason(surface: LearningSurface, count: number): string {
  const worth = sizeOn(surface, 1, count);
  const why =
    worth <= count
      ? `slices of one volume repeat each other${surface.form === "overlap" ? ` (correlation ${surface.shape.toFixed(2)})` : ""}`
      : "slices of one volume add to each other";
  return `${why}: ${count} slices of one volume teach as much as ${shown(worth)} slices of different volumes`;
}

function shown(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}
