import type { Random } from "../random.ts";
import { diagnose, type SelectionDiagnostics } from "./diagnostics.ts";
import type { Features } from "./features.ts";
import { type PickRule, pickSlices } from "./pickSlices.ts";

/** A chosen volume with all that diagnostics look at. */
export interface KnownVolume {
  readonly id: string;
  readonly depth: number;
  /** Distance between neighbouring slices. */
  readonly spacingMm: number;
  readonly features: Features;
  /** Per slice; null where there is no mask. */
  readonly hasTarget: readonly boolean[] | null;
}

/** Slices one strategy picks, and how good that is. */
export interface Selected {
  readonly strategy: PickRule["strategy"];
  /** Per volume, in the order given: depth indices, ascending. */
  readonly picks: readonly (readonly number[])[];
  /** Over all volumes together. */
  readonly all: SelectionDiagnostics;
  /** Of each volume alone, in the order given. */
  readonly each: readonly SelectionDiagnostics[];
}

/**
 * The slices a trial would annotate, with diagnostics.
 *
 * @param random - of the trial
 * @throws as `pickSlices`
 */
export function selectSlices(
  volumes: readonly KnownVolume[],
  rule: PickRule,
  random: Random,
): Selected {
  const picks = pickSlices(volumes, rule, random);
  const picked = volumes.map((volume, at) => ({ ...volume, picks: picks[at] ?? [] }));
  return {
    strategy: rule.strategy,
    picks,
    all: diagnose(picked),
    each: picked.map((one) => diagnose([one])),
  };
}
