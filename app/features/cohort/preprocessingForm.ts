import type { CaseSummary } from "#core/cohort/cohort.ts";
import { summaryAsRead } from "#core/cohort/preparedSummary.ts";
import type { Affine, Shape3 } from "#core/volume/grid.ts";
import {
  ctWindows,
  type IntensityRule,
  type Preprocessing,
  preparedGrid,
} from "#core/volume/preprocessing.ts";

/** Choices of the intensity list: rules, and windows by name. */
export const intensityChoices = [
  { value: "zScore", label: "Z-score of each volume" },
  ...Object.entries(ctWindows).map(([name, [low, high]]) => ({
    value: `window ${name}`,
    label: `CT window, ${name} (${low} to ${high} HU)`,
  })),
  { value: "window", label: "Window of your own" },
  { value: "percentiles", label: "Clip to percentiles, then z-score" },
  { value: "none", label: "As stored" },
];

/** The rule a choice stands for. */
export function ruleOf(choice: string): IntensityRule {
  const preset = Object.entries(ctWindows).find(([name]) => choice === `window ${name}`);
  if (preset) return { kind: "window", low: preset[1][0], high: preset[1][1] };
  if (choice === "window") return { kind: "window", low: -1000, high: 1000 };
  if (choice === "percentiles") return { kind: "percentiles", low: 0.5, high: 99.5 };
  return choice === "none" ? { kind: "none" } : { kind: "zScore" };
}

/** The choice that shows a rule. */
export function choiceOf(rule: IntensityRule | undefined): string {
  if (!rule) return "zScore";
  if (rule.kind !== "window") return rule.kind;
  const preset = Object.entries(ctWindows).find(
    ([, [low, high]]) => low === rule.low && high === rule.high,
  );
  return preset ? `window ${preset[0]}` : "window";
}

/** Preprocessing with only what changes something. */
export function tidied({ spacing, size, intensity }: Preprocessing): Preprocessing {
  const asks = (list: readonly (number | null)[] | undefined) => list?.some((one) => one !== null);
  return {
    ...(asks(spacing) ? { spacing } : {}),
    ...(asks(size) ? { size } : {}),
    ...(intensity && intensity.kind !== "zScore" ? { intensity } : {}),
  };
}

/** What becomes of a cohort's grids. */
export interface GridForecast {
  readonly id: string;
  readonly before: Shape3;
  readonly after: Shape3;
}

/** Shapes before and after, of cases whose shape is known. */
export function gridForecast(
  cases: readonly CaseSummary[],
  preprocessing: Preprocessing,
): GridForecast[] {
  return cases.flatMap((one) => {
    const { id, shape, spacing } = summaryAsRead(one);
    if (!shape || !spacing) return [];
    const [d, h, w] = spacing;
    const affine: Affine = [w, 0, 0, 0, 0, h, 0, 0, 0, 0, d, 0];
    const after = preparedGrid({ shape, spacing, affine }, preprocessing).shape;
    return [{ id, before: shape, after }];
  });
}

/** "20 to 40 x 64 x 64" over several shapes. */
export function rangeText(shapes: readonly Shape3[]): string {
  return ([0, 1, 2] as const)
    .map((axis) => {
      const counts = shapes.map((shape) => shape[axis]);
      const [low, high] = [Math.min(...counts), Math.max(...counts)];
      return low === high ? `${low}` : `${low} to ${high}`;
    })
    .join(" × ");
}
