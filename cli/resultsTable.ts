import { curveOf } from "#core/evaluation/curve.ts";
import type { TrialResult } from "#core/results/result.ts";

const heads = [
  "network",
  "strategy",
  "interpolator",
  "fraction",
  "density",
  "volumes",
  "slices",
  "IoU",
  "+-",
  "repeats",
];

/** Finished trials as text: a row per configuration, columns aligned. */
export function resultsTable(results: readonly TrialResult[]): string {
  const rows = curveOf(results).flatMap(({ points }) =>
    points.map(({ configuration, volumes, budget, iou, spread, repeats, collapsed }) => [
      configuration.network,
      configuration.strategy,
      configuration.interpolator,
      `${configuration.volumeFraction}`,
      `${configuration.density}`,
      `${volumes}`,
      `${Math.round(budget)}`,
      repeats === 0 ? "-" : iou.toFixed(3),
      spread === null ? "-" : spread.toFixed(3),
      collapsed > 0 ? `${repeats} (+${collapsed} collapsed)` : `${repeats}`,
    ]),
  );
  if (rows.length === 0) return "no finished trial";
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [heads, ...rows].map(line).join("\n");
}
