import { strategyLabels } from "#core/experiment/methods.ts";
import type { TrialResult } from "#core/results/result.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import {
  formatCount,
  formatFraction,
  formatPercent,
  formatScore,
  formatSeconds,
} from "../../ui/format.ts";
import { Status } from "../../ui/Status.tsx";

const columns: Column<TrialResult>[] = [
  {
    key: "density",
    head: "Density",
    term: "density",
    isNumber: true,
    cell: ({ configuration }) => formatPercent(configuration.density),
    sort: ({ configuration }) => configuration.density,
  },
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
    key: "repeat",
    head: "Repeat",
    term: "repeat",
    isNumber: true,
    cell: ({ repeat }) => repeat + 1,
    sort: ({ repeat }) => repeat,
  },
  {
    key: "status",
    isText: true,
    head: "Status",
    cell: (one) =>
      one.status === "done" ? (
        <Status kind="good">Done</Status>
      ) : (
        <Status kind="bad">Failed: {one.error ?? "no reason given"}</Status>
      ),
    sort: ({ status }) => status,
  },
  {
    key: "iou",
    head: "IoU",
    term: "iou",
    isNumber: true,
    cell: ({ iou }) => formatScore(iou?.mean ?? null),
    sort: ({ iou }) => iou?.mean ?? null,
  },
  {
    key: "budget",
    head: "Budget, slices",
    term: "budget",
    isNumber: true,
    cell: ({ annotatedSlices }) => (annotatedSlices === null ? "-" : formatCount(annotatedSlices)),
    sort: ({ annotatedSlices }) => annotatedSlices,
  },
  {
    key: "loss",
    head: "Final loss",
    term: "loss",
    isNumber: true,
    cell: ({ finalLoss }) => formatScore(finalLoss),
    sort: ({ finalLoss }) => finalLoss,
  },
  {
    key: "seconds",
    head: "Time",
    isNumber: true,
    cell: ({ seconds }) => formatSeconds(seconds),
    sort: ({ seconds }) => seconds,
  },
  {
    key: "device",
    isText: true,
    head: "Device",
    cell: ({ device }) => device,
    sort: ({ device }) => device,
  },
];

/** Every finished trial, failed ones with their reason. */
export function TrialsTable({ results }: { results: readonly TrialResult[] }) {
  return (
    <DataTable
      name="Trials"
      rows={results}
      columns={columns}
      rowKey={({ trial }) => trial}
      empty="No trial has finished yet."
    />
  );
}
