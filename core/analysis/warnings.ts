import type { InterpolatorName } from "../experiment/methods.ts";
import type { TrialResult } from "../results/result.ts";
import { groupByConfiguration } from "./contrasts.ts";

/** Something to know before a number is believed or a plan followed. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}

export type WarningCode =
  | "no-results"
  | "failed-trials"
  | "collapsed-trials"
  | "mixed-versions"
  | "few-cases"
  | "few-repeats"
  | "no-significance"
  | "short-stack"
  | "rare-target"
  | "transformer-low-density"
  | "thin-target"
  | "unstudied-regime"
  | "beyond-reach"
  | "outside-measured";

/** Test cases below which intervals are wide: about 6 points of Dice at 20 (methods 6.2). */
const FEW_CASES = 20;
const FEW_REPEATS = 3;

/**
 * What keeps the results from saying more than they do: failures, too few test cases, too few
 * repeats, and tests that could not come out significant whatever the data.
 *
 * @param contrasts - how many volume-against-density contrasts are tested together
 */
export function dataWarnings(results: readonly TrialResult[], contrasts: number): Warning[] {
  const warnings: Warning[] = [];
  const add = (code: WarningCode, message: string) => warnings.push({ code, message });
  const groups = groupByConfiguration(results);
  if (groups.length === 0) {
    add("no-results", "no trial is finished: there is nothing to analyse yet");
    return warnings;
  }
  const failed = results.filter(({ status }) => status === "failed").length;
  if (failed > 0)
    add("failed-trials", `${failed} of ${results.length} trials failed and are left out`);
  const collapsed = results.filter((one) => one.collapsed).length;
  if (collapsed > 0) {
    add(
      "collapsed-trials",
      `${collapsed} of ${results.length} trials collapsed: their network found no foreground in any ` +
        "validation case; they are in no mean or test",
    );
  }
  const versions = new Set(results.map(({ methodVersion }) => methodVersion));
  if (versions.size > 1) {
    add(
      "mixed-versions",
      `results of method versions ${[...versions].sort().join(" and ")} are mixed; their numbers do not compare`,
    );
  }
  const cases = testCasesOf(results);
  if (cases < FEW_CASES) {
    add(
      "few-cases",
      `${cases} test cases: intervals are wide, and rest on these few; with ${FEW_CASES} or more they narrow`,
    );
  }
  const repeats = Math.min(...groups.map((group) => group.results.length));
  if (repeats < FEW_REPEATS) {
    add(
      "few-repeats",
      repeats === 1
        ? "some configurations were trained once: how much a result depends on chance is not known for them"
        : `some configurations were trained ${repeats} times: ${FEW_REPEATS} or more tell better what is chance`,
    );
  }
  // With n pairs the signed-rank test cannot give a p below 2 / 2^n.
  const smallest = 2 / 2 ** cases;
  if (contrasts > 0 && smallest * contrasts > 0.05) {
    add(
      "no-significance",
      `with ${cases} test cases no p value can be below ${smallest.toPrecision(2)}, so none of the ` +
        `${contrasts} contrasts can be significant at 0.05 after adjustment; read the intervals`,
    );
  }
  return warnings;
}

/** Test cases that any finished trial was scored on. */
export function testCasesOf(results: readonly TrialResult[]): number {
  return new Set(results.flatMap(({ iou }) => iou?.perCase.map((one) => one.case) ?? [])).size;
}

/** A plan in the light of which it is judged; null: not known. */
export interface Situation {
  readonly network: string;
  readonly interpolator: InterpolatorName;
  /** Slices of a volume, mean. */
  readonly depth: number;
  readonly slicesPerVolume: number;
  /** Distance between neighbouring slices, mm. */
  readonly spacingMm: number;
  /** Share of slices that show the target. */
  readonly targetShare: number | null;
  /** How far the target reaches along the slice axis, mm. */
  readonly targetLengthMm: number | null;
}

const SHORT_STACK = 20;
const RARE_TARGET = 0.1;
const TRANSFORMER_DENSITY = 0.2;
/** Annotated slices of a volume below which the paper has no experiment. */
const FEWEST_STUDIED = 3;

/**
 * Where a plan leaves what is known to work.
 *
 * Source: methods 7.4; Stein et al. 2023, arXiv:2307.12619 (short stacks); Zhang et al. 2025,
 * PMLR 301:1811-1831 (transformer in 3D, interpolation of thin structures).
 */
export function planWarnings(situation: Situation): Warning[] {
  const { depth, slicesPerVolume, network, interpolator, targetShare } = situation;
  const warnings: Warning[] = [];
  const add = (code: WarningCode, message: string) => warnings.push({ code, message });
  const density = slicesPerVolume / depth;
  if (depth < SHORT_STACK) {
    add(
      "short-stack",
      `volumes have ${round(depth)} slices: in stacks of fewer than ${SHORT_STACK}, more slices per volume ` +
        "have been found to help more than more volumes (Stein et al. 2023); test both",
    );
  }
  if (targetShare !== null && targetShare < RARE_TARGET) {
    const expected = slicesPerVolume * targetShare;
    add(
      "rare-target",
      `the target shows on ${percent(targetShare)} of slices, so ${round(expected)} of ` +
        `${round(slicesPerVolume)} annotated slices per volume are expected to hold it` +
        (expected < 2
          ? "; fewer than 2 is little to learn from, choose more slices per volume"
          : ""),
    );
  }
  if (isTransformer3d(network) && density < TRANSFORMER_DENSITY) {
    add(
      "transformer-low-density",
      `a 3D transformer collapsed below ${percent(TRANSFORMER_DENSITY)} density in the paper, this plan has ` +
        `${percent(density)}; take a convolutional network or annotate denser`,
    );
  }
  if (slicesPerVolume < FEWEST_STUDIED) {
    add(
      "unstudied-regime",
      `${round(slicesPerVolume)} slices per volume are fewer than the paper studied; the trend may not hold there`,
    );
  }
  const thin = thinTarget(situation);
  if (interpolator !== "none" && thin) add("thin-target", thin);
  return warnings;
}

function thinTarget({
  depth,
  slicesPerVolume,
  spacingMm,
  targetLengthMm,
}: Situation): string | null {
  const gap = (depth * spacingMm) / slicesPerVolume;
  if (targetLengthMm === null || targetLengthMm > gap) return null;
  return (
    `the target is ${round(targetLengthMm)} mm long and annotated slices are ${round(gap)} mm apart: ` +
    "interpolation cannot know what lies between; leave it off"
  );
}

function isTransformer3d(network: string): boolean {
  return /unetr|former3d/i.test(network);
}

function percent(share: number): string {
  return `${round(100 * share)} %`;
}

function round(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}
