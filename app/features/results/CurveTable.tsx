import { useMemo } from "react";
import type { CurvePoint } from "#core/evaluation/curve.ts";
import { strategyLabels } from "#core/experiment/methods.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatCount, formatFraction, formatPercent, formatScore } from "../../ui/format.ts";
import type { NamedLine } from "./lineLooks.ts";

const columns: Column<CurvePoint>[] = [
  {
    key: "volumeFraction",
    head: "Volume fraction",
    term: "volumeFraction",
    cell: ({ configuration }) => formatFraction(configuration.volumeFraction),
    sort: ({ configuration }) => configuration.volumeFraction,
  },
  {
    key: "strategy",
    head: "Strategy",
    term: "strategy",
    cell: ({ configuration }) => strategyLabels[configuration.strategy],
    sort: ({ configuration }) => configuration.strategy,
  },
  {
    key: "density",
    head: "Density",
    term: "density",
    isNumber: true,
    cell: ({ configuration }) => formatPercent(configuration.density),
    sort: ({ configuration }) => configuration.density,
  },
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
    cell: ({ iou }) => formatScore(iou),
    sort: ({ iou }) => iou,
  },
  {
    key: "spread",
    head: "Spread",
    term: "spread",
    isNumber: true,
    cell: ({ spread }) => (spread === null ? "one repeat" : `± ${formatScore(spread)}`),
    sort: ({ spread }) => spread,
  },
  {
    key: "repeats",
    head: "Repeats",
    term: "repeat",
    isNumber: true,
    cell: ({ repeats }) => repeats,
    sort: ({ repeats }) => repeats,
  },
];

/** The chart as a table: one row per point. */
export function CurveTable({ lines }: { lines: readonly NamedLine[] }) {
  const points = useMemo(() => lines.flatMap((line) => line.points), [lines]);
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
