import type { SelectionDiagnostics } from "#core/selection/diagnostics.ts";
import type { Column } from "../../ui/DataTable.tsx";

/** Columns of diagnostics, for tables of one case and of the cohort. */
export function diagnosticColumns<R>(foundOf: (row: R) => SelectionDiagnostics): Column<R>[] {
  const number = (
    key: keyof SelectionDiagnostics,
    head: string,
    term: NonNullable<Column<R>["term"]>,
    format: (value: number) => string,
  ): Column<R> => ({
    key,
    head,
    term,
    isNumber: true,
    cell: (row) => {
      const value = foundOf(row)[key];
      return value === null ? "-" : format(value);
    },
    sort: (row) => foundOf(row)[key],
  });
  const distance = (value: number) => value.toFixed(3);
  const mm = (value: number) => `${Number(value.toFixed(1))}`;
  return [
    number("meanCoverage", "Coverage, mean", "coverage", distance),
    number("coverageRadius", "Coverage radius", "coverage", distance),
    number("largestGapMm", "Largest gap, mm", "gap", mm),
    number("meanGapMm", "Mean gap, mm", "gap", mm),
    number("redundancy", "Redundancy", "redundancy", (value) => value.toFixed(2)),
    number(
      "foregroundShare",
      "With target",
      "withTarget",
      (value) => `${Math.round(100 * value)} %`,
    ),
  ];
}
