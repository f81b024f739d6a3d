import { useMemo, useState } from "react";
import type { TrialResult } from "#core/results/result.ts";
import type { ResultsSlice } from "../../store/state.ts";
import { configurationColumns } from "../../ui/configurationColumns.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatCount, formatScore, formatSeconds } from "../../ui/format.ts";
import { Status } from "../../ui/Status.tsx";
import { Term } from "../../ui/Term.tsx";
import { ViewerDialog } from "../../viewer/ViewerDialog.tsx";
import { LookButtons, type TrialLook } from "./TrialLook.tsx";

const trialColumns: Column<TrialResult>[] = [
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
      one.collapsed ? (
        <Status kind="warn">
          <Term name="collapsed">Collapsed</Term>
        </Status>
      ) : one.status === "done" ? (
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
    key: "classes",
    isText: true,
    head: "IoU by class",
    cell: ({ iou }) =>
      iou?.classes?.map(({ name, mean }) => `${name} ${formatScore(mean)}`).join(", ") ?? "-",
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

interface TrialsTableProps {
  readonly results: readonly TrialResult[];
  /** What they are results of; without it no case can be looked at. */
  readonly definition?: ResultsSlice["definition"];
}

/** Every finished trial, failed ones with their reason. */
export function TrialsTable({ results, definition = null }: TrialsTableProps) {
  const cohortId = definition?.cohort?.id ?? null;
  const [look, setLook] = useState<TrialLook | null>(null);
  const columns = useMemo(
    (): Column<TrialResult>[] => [
      ...configurationColumns(
        ["network", "density", "volumeFraction", "strategy", "interpolator"],
        results,
      ),
      ...trialColumns,
      {
        key: "look",
        head: "Look at",
        cell: (result) => (
          <LookButtons
            result={result}
            experiment={definition?.experiment ?? null}
            onLook={setLook}
          />
        ),
      },
    ],
    [results, definition],
  );
  return (
    <>
      <DataTable
        name="Trials"
        rows={results}
        columns={columns}
        rowKey={({ trial }) => trial}
        empty="No trial has finished yet."
      />
      <ViewerDialog
        title={look?.title ?? ""}
        view={look && cohortId !== null ? { ...look, cohortId } : null}
        onClose={() => setLook(null)}
      />
    </>
  );
}
