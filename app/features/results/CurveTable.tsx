import { useMemo } from "react";
import type { CurvePoint } from "#core/evaluation/curve.ts";
import { configurationColumns } from "../../ui/configurationColumns.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatCount, formatScore } from "../../ui/format.ts";
import type { NamedLine } from "./lineLooks.ts";

const scoreColumns: Column<CurvePoint>[] = [
  {
    key: "volumes",
    head: "Volumes",
    isNumber: true,
    cell: ({ volumes }) => formatCount(volumes),
    sort: ({ volumes }) => volumes,
  },
  {
    key: "budget",
    head: "Budget, slices",
    term: "budget",
    isNumber: true,
    cell: ({ budget }) => formatCount(budget),
    sort: ({ budget }) => budget,
  },
  {
    key: "iou",
    head: "IoU, mean",
    term: "iou",
    isNumber: true,
    cell: ({ iou, repeats }) => (repeats === 0 ? "collapsed" : formatScore(iou)),
    sort: ({ iou }) => iou,
  },
  {
    key: "spread",
    head: "Spread",
    term: "spread",
    isNumber: true,
    cell: ({ spread, repeats }) =>
      spread === null ? (repeats === 0 ? "-" : "one repeat") : `± ${formatScore(spread)}`,
    sort: ({ spread }) => spread,
  },
  {
    key: "repeats",
    head: "Repeats",
    term: "repeat",
    isNumber: true,
    cell: ({ repeats, collapsed }) =>
      collapsed > 0 ? `${repeats}, ${collapsed} collapsed` : repeats,
    sort: ({ repeats }) => repeats,
  },
];

/** The chart as a table: one row per point. */
export function CurveTable({ lines }: { lines: readonly NamedLine[] }) {
  const points = useMemo(() => lines.flatMap((line) => line.points), [lines]);
  const columns = useMemo(
    () => [
      ...configurationColumns(
        ["network", "volumeFraction", "strategy", "interpolator", "density"],
        points,
      ),
      ...scoreColumns,
    ],
    [points],
  );
  return (
    <DataTable
      name="Points of the curve"
      rows={points}
      columns={columns}
      rowKey={({ configuration }) => JSON.stringify(configuration)}
      empty="No trial has finished yet."
    />
  );
}
