import { iouOf, type Overlap, pooled } from "../evaluation/overlap.ts";
import { mean } from "../evaluation/statistics.ts";
import { className, scoredClasses, type Target } from "../experiment/target.ts";
import type { TrialResult } from "./result.ts";

/** The classes of a trial's masks, and which of them make up its score. */
export interface ScoredTarget {
  /** Of class 1, 2, ..; in words. */
  readonly names: readonly string[];
  /** Numbers of the scored classes, from 1. */
  readonly scored: readonly number[];
}

type TrialScore = NonNullable<TrialResult["iou"]>;
type CaseScore = TrialScore["perCase"][number];

/** What of a target results speak of. */
export function scoredTarget(target: Target): ScoredTarget {
  return {
    names: target.classes.map((_, index) => className(target, index + 1)),
    scored: scoredClasses(target),
  };
}

/**
 * The score of one case: of the scored class, or of several the sums of their counts and the
 * mean of the IoUs that are defined.
 *
 * @param overlaps - of class 1, 2, ..
 */
export function caseScoreOf(
  id: string,
  overlaps: readonly Overlap[],
  { scored }: ScoredTarget,
): CaseScore {
  const classes = overlaps.map((one) => ({ ...one, iou: iouOf(one) }));
  const counted = classes.filter((_, index) => scored.includes(index + 1));
  return {
    case: id,
    ...pooled(counted),
    iou: meanOfDefined(counted.map(({ iou }) => iou)),
    ...(classes.length > 1 ? { classes } : {}),
  };
}

/** The score of a trial over its test cases. */
export function trialScoreOf(
  perCase: readonly CaseScore[],
  { names, scored }: ScoredTarget,
): TrialScore {
  const classes = names.map((name, index) => {
    const ofClass = perCase.map((one) => one.classes?.[index] ?? one);
    return {
      name,
      mean: meanOfDefined(ofClass.map(({ iou }) => iou)),
      pooled: iouOf(pooled(ofClass)),
    };
  });
  const counted = classes.filter((_, index) => scored.includes(index + 1));
  return {
    mean: meanOfDefined(perCase.map(({ iou }) => iou)),
    pooled: meanOfDefined(counted.map((one) => one.pooled)),
    perCase: [...perCase],
    ...(names.length > 1 ? { classes } : {}),
  };
}

function meanOfDefined(values: readonly (number | null)[]): number | null {
  const defined = values.flatMap((value) => (value === null ? [] : [value]));
  return defined.length === 0 ? null : mean(defined);
}
