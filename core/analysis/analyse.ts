import { type Random, seededRandom } from "../random.ts";
import type { TrialResult } from "../results/result.ts";
import { configurationTable, type TableRow } from "./configurationTable.ts";
import { type VolumeContrast, volumeContrasts } from "./contrasts.ts";
import { type DoublingEffects, doublingEffects } from "./doublingEffects.ts";
import { compareInterpolation, type InterpolationContrast } from "./interpolationComparison.ts";
import type { Pool } from "./recommend.ts";
import {
  contrastSentence,
  dropSentence,
  effectSentence,
  interpolationSentence,
  neededSentence,
  strategySentence,
} from "./sentences.ts";
import { type SlicesNeeded, slicesNeeded } from "./slicesNeeded.ts";
import {
  compareStrategies,
  DEFAULT_MARGIN,
  type StrategyComparison,
} from "./strategyComparison.ts";
import { poolOf, type SurfaceAnalysis, surfacesOf } from "./surfaceAnalysis.ts";
import { dataWarnings, testCasesOf, type Warning } from "./warnings.ts";

/** Everything that results say, as plain data. */
export interface Analysis {
  readonly trials: { readonly done: number; readonly failed: number };
  readonly testCases: number;
  /** The training pool that the trials drew from; null without a finished trial. */
  readonly pool: Pool | null;
  /** Means and standard deviations (tables 2 to 4), drop from dense (figure 1). */
  readonly table: readonly TableRow[];
  /** Volumes against density at equal budget. */
  readonly contrasts: readonly VolumeContrast[];
  readonly doubling: readonly DoublingEffects[];
  /** null for a single strategy */
  readonly strategies: StrategyComparison | null;
  readonly margin: number;
  readonly interpolation: readonly InterpolationContrast[];
  readonly surfaces: readonly SurfaceAnalysis[];
  /** For every surface, the annotation that reaches given scores. */
  readonly needed: readonly (readonly SlicesNeeded[])[];
  /** The findings in words. */
  readonly sentences: readonly string[];
  readonly warnings: readonly Warning[];
}

export interface AnalysisOptions {
  /** IoU below which two strategies count as equal. */
  readonly margin?: number;
  /** Scores to reach, IoU. */
  readonly targets?: readonly number[];
  /** Distance between slices, mm. */
  readonly spacingMm?: number;
  readonly seed?: number;
}

/**
 * Analyses the results of one experiment. Chance (the bootstraps) comes from a seed, so the
 * same results always give the same numbers, in whatever order they come.
 */
export function analyse(results: readonly TrialResult[], options: AnalysisOptions = {}): Analysis {
  const { margin = DEFAULT_MARGIN, targets = [], spacingMm = 1, seed = 1 } = options;
  // Whatever is compared, trials that found nothing take no part; the warnings count them.
  const ordered = [...results]
    .filter((one) => !one.collapsed)
    .sort((a, b) => (a.trial < b.trial ? -1 : a.trial > b.trial ? 1 : 0));
  const random: Random = seededRandom(seed).fork("analysis");
  const table = configurationTable(ordered, random);
  const contrasts = volumeContrasts(ordered, random.fork("contrasts"));
  const doubling = doublingEffects(ordered, random);
  const compared = compareStrategies(ordered, margin);
  const strategies = compared.strategies.length > 1 && compared.blocks > 0 ? compared : null;
  const interpolation = compareInterpolation(ordered, random);
  const surfaces = surfacesOf(ordered, random);
  const pool = poolOf(ordered, spacingMm);
  const needed = surfaces.map(({ surface, doubt }) =>
    surface && pool ? targets.map((iou) => slicesNeeded(surface, doubt, pool, iou)) : [],
  );
  const drop = dropSentence(table);
  return {
    trials: {
      done: results.filter(({ status }) => status === "done").length,
      failed: results.filter(({ status }) => status === "failed").length,
    },
    testCases: testCasesOf(ordered),
    pool,
    table,
    contrasts,
    doubling,
    strategies,
    margin,
    interpolation,
    surfaces,
    needed,
    sentences: [
      ...(drop ? [drop] : []),
      ...(contrasts.length > 0 ? [contrastSentence(contrasts)] : []),
      ...doubling.map(effectSentence),
      ...(strategies ? [strategySentence(strategies, margin)] : []),
      ...interpolation.map(interpolationSentence),
      ...needed.flat().map(neededSentence),
    ],
    warnings: dataWarnings(results, contrasts.length),
  };
}
