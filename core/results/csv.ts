import { type Cell, csvText } from "../csvText.ts";
import type { TrialResult } from "./result.ts";

/** Columns in order; the unit stands in the head where there is one. */
const columns: readonly (readonly [head: string, cell: (result: TrialResult) => Cell])[] = [
  ["trial", ({ trial }) => trial],
  ["network", ({ configuration }) => configuration.network],
  ["strategy", ({ configuration }) => configuration.strategy],
  ["interpolator", ({ configuration }) => configuration.interpolator],
  ["density (share of slices)", ({ configuration }) => configuration.density],
  ["volume fraction (share of pool)", ({ configuration }) => configuration.volumeFraction],
  ["repeat", ({ repeat }) => repeat],
  ["seed", ({ seed }) => seed],
  ["status", ({ status }) => status],
  ["error", ({ error }) => error],
  ["collapsed", ({ collapsed }) => (collapsed == null ? null : collapsed ? "yes" : "no")],
  ["annotated volumes", ({ volumes }) => volumes],
  ["budget (slices)", ({ annotatedSlices }) => annotatedSlices],
  ["mean IoU (0-1)", ({ iou }) => iou?.mean ?? null],
  ["pooled IoU (0-1)", ({ iou }) => iou?.pooled ?? null],
  ["test cases", ({ iou }) => iou?.perCase.length ?? null],
  [
    "mean IoU by class (0-1)",
    ({ iou }) =>
      iou?.classes?.map(({ name, mean }) => `${name}: ${mean ?? "undefined"}`).join("; ") ?? null,
  ],
  ["final loss", ({ finalLoss }) => finalLoss],
  ["time (s)", ({ seconds }) => seconds],
  ["time per step (s)", ({ secondsPerStep }) => secondsPerStep],
  ["backend", ({ backend }) => backend],
  ["device", ({ device }) => device],
  ["finished at (ISO 8601)", ({ finishedAt }) => finishedAt],
  ["method version", ({ methodVersion }) => methodVersion],
  ["experiment fingerprint", ({ experiment }) => experiment],
];

/**
 * Results as a table with a header, one row per trial. A missing value is an empty cell; see
 * `csvText` for how cells are written.
 */
export function resultsCsv(results: readonly TrialResult[]): string {
  return csvText([
    columns.map(([head]) => head),
    ...results.map((result) => columns.map(([, cell]) => cell(result))),
  ]);
}
