import { resolve } from "node:path";
import { type Analysis, analyse } from "#core/analysis/analyse.ts";
import type { AnnotationPlan } from "#core/analysis/annotationPlan.ts";
import { planFor } from "#core/analysis/planFor.ts";
import type { BudgetUnit } from "#core/analysis/recommend.ts";
import { analysisText, planText } from "./analysisText.ts";
import { type CostOptions, readCost } from "./costFile.ts";
import { readResults } from "./readResults.ts";

export interface AnalyseOptions extends CostOptions {
  readonly json?: boolean;
  /** Scores to reach, IoU. */
  readonly reach?: readonly number[];
  readonly margin?: number;
  readonly budget?: number;
  readonly unit: BudgetUnit;
  /** Distance between slices, mm. */
  readonly spacing?: number;
}

/** Where a command writes: what was asked for to `out`, everything else to `log`. */
export interface TextStreams {
  readonly out: Pick<NodeJS.WritableStream, "write">;
  readonly log: Pick<NodeJS.WritableStream, "write">;
}

/**
 * Analyses an output folder and writes what was found, as text or JSON.
 *
 * @throws PlannerError "results" when the folder holds none, "argument" for a bad cost model
 */
export async function analyseFolder(
  folder: string,
  options: AnalyseOptions,
  { out, log }: TextStreams,
): Promise<void> {
  const results = await readResults(resolve(folder));
  const cost = await readCost(options, (text) => log.write(`look: ${text}\n`));
  const { margin, reach, spacing, budget, unit } = options;
  const analysis = analyse(results, {
    ...(margin === undefined ? {} : { margin }),
    ...(spacing === undefined ? {} : { spacingMm: spacing }),
    targets: reach ?? [],
  });
  const plan =
    budget === undefined || !analysis.pool
      ? null
      : planFor({ surfaces: analysis.surfaces, pool: analysis.pool, budget, unit, cost });
  const text = options.json
    ? JSON.stringify(plainAnalysis(analysis, plan), null, 2)
    : [analysisText(analysis), ...(plan ? [planText(plan)] : [])].join("\n\n");
  out.write(`${text}\n`);
}

/** Without the bootstrap's 200 surfaces, whose spread stands in every interval. */
function plainAnalysis(analysis: Analysis, plan: AnnotationPlan | null) {
  const surfaces = analysis.surfaces.map(({ doubt: _, ...rest }) => rest);
  return { ...analysis, surfaces, ...(plan ? { plan } : {}) };
}
