import type { Analysis } from "#core/analysis/analyse.ts";
import type { AnnotationPlan } from "#core/analysis/annotationPlan.ts";
import type { LearningSurface } from "#core/analysis/learningSurface.ts";
import { textTable } from "./textTable.ts";

const number = (value: number) => value.toFixed(3);
const interval = ([low, high]: readonly [number, number]) => `[${number(low)}, ${number(high)}]`;

/** An analysis for people to read. */
export function analysisText(analysis: Analysis): string {
  const { trials, testCases, table, sentences, warnings } = analysis;
  const parts = [
    `${trials.done} trials finished, ${trials.failed} failed; ${testCases} test cases`,
    table.length > 0 ? rowsText(analysis) : "no finished trial",
    ...surfaceText(analysis),
    listText("Findings", sentences),
    listText(
      "Look",
      warnings.map(({ message }) => message),
    ),
  ];
  return parts.filter(Boolean).join("\n\n");
}

function rowsText({ table }: Analysis): string {
  const heads = ["network", "interpolator", "fraction", "density", "slices", "IoU", "sd", "trials"];
  const rows = table.map((row) => [
    row.network,
    row.interpolator,
    `${row.volumeFraction}`,
    `${row.density}`,
    `${Math.round(row.slices)}`,
    number(row.mean),
    row.sd === null ? "-" : number(row.sd),
    `${row.trials}`,
    row.drop ? `${number(row.drop.iou)} ${interval(row.drop.interval)}` : "-",
  ]);
  return textTable([...heads, "drop from densest"], rows, 2);
}

function surfaceText({ surfaces }: Analysis): string[] {
  return surfaces.map(({ network, interpolator, surface, reason }) =>
    surface
      ? `Learning surface of ${network}, ${interpolator}: IoU = ${number(surface.ceiling)} - ${number(surface.gap)} ` +
        `n^-${number(surface.rate)}, n = ${formText(surface)}; residual ${number(surface.residual)}`
      : `No learning surface of ${network}, ${interpolator}: ${reason}`,
  );
}

function formText({ form, shape }: LearningSurface): string {
  return form === "overlap" ? `V m / (1 + (m - 1) ${number(shape)})` : `V m^${number(shape)}`;
}

/** A plan for people to read. */
export function planText(plan: AnnotationPlan): string {
  const { volumes, slices, slicesPerVolume, hours, money, currency, iou } = plan;
  const score =
    iou === null || !plan.interval
      ? "no score is promised"
      : `expected IoU ${number(iou)} ${interval(plan.interval)}`;
  const per = Math.round(slicesPerVolume * 10) / 10;
  return [
    `Plan: ${slices} slices, ${per} in each of ${volumes} volumes; ${score}\n` +
      `      about ${hours.toFixed(1)} hours, ${Math.round(money)} ${currency}`,
    listText("Why", plan.reasons),
    listText(
      "Look",
      plan.warnings.map(({ message }) => message),
    ),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function listText(head: string, items: readonly string[]): string {
  return items.length === 0 ? "" : [`${head}:`, ...items.map((item) => `- ${item}`)].join("\n");
}
