import type { InterpolatorName, NetworkName } from "../experiment/methods.ts";
import type { CostModel } from "./cost.ts";
import type { BudgetUnit, Pool, Recommendation } from "./recommend.ts";
import type { SurfaceAnalysis } from "./surfaceAnalysis.ts";
import type { Warning } from "./warnings.ts";

/** How to spend a budget on a cohort, with why and with what doubt. */
export interface AnnotationPlan {
  /** What it rests on: trials on annotated data, or the paper's findings alone. */
  readonly source: "experiment" | "paper";
  readonly network: NetworkName | null;
  readonly interpolator: InterpolatorName;
  readonly volumes: number;
  /** Annotated slices in all, and per volume (mean). */
  readonly slices: number;
  readonly slicesPerVolume: number;
  readonly hours: number;
  readonly money: number;
  readonly currency: string;
  /** Expected test IoU with its 95 % interval; null without an experiment. */
  readonly iou: number | null;
  readonly interval: readonly [low: number, high: number] | null;
  /** null without an experiment */
  readonly recommendation: Recommendation | null;
  readonly reasons: readonly string[];
  readonly warnings: readonly Warning[];
}

export interface PlanRequest {
  /** Surfaces of an experiment; [] takes the paper's defaults. */
  readonly surfaces: readonly SurfaceAnalysis[];
  readonly pool: Pool;
  readonly budget: number;
  readonly unit: BudgetUnit;
  readonly cost: CostModel;
  /** Share of slices that show the target, and its length along the slice axis; null: unknown. */
  readonly targetShare?: number | null;
  readonly targetLengthMm?: number | null;
}
