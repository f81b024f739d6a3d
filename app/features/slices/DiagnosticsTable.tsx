import { useMemo } from "react";
import { strategyLabels, strategySight } from "#core/experiment/methods.ts";
import type { Selected } from "#core/selection/selectSlices.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatCount } from "../../ui/format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { diagnosticColumns } from "./diagnosticColumns.tsx";
import type { Comparison } from "./useComparison.ts";

const columnsFor = (volumes: number): Column<Selected>[] => [
  {
    key: "strategy",
    head: "Strategy",
    cell: ({ strategy }) =>
      `${strategyLabels[strategy]}${strategySight[strategy] === "target" ? " (biased)" : ""}`,
    sort: ({ strategy }) => strategyLabels[strategy],
  },
  {
    key: "volumes",
    head: "Volumes",
    isNumber: true,
    cell: ({ all }) => `${formatCount(all.volumes)} of ${formatCount(volumes)}`,
    sort: ({ all }) => all.volumes,
  },
  {
    key: "slices",
    head: "Slices",
    term: "budget",
    isNumber: true,
    cell: ({ all }) => formatCount(all.slices),
    sort: ({ all }) => all.slices,
  },
  ...diagnosticColumns<Selected>(({ all }) => all),
];

/** How well each strategy covers the slices of all chosen volumes together. */
export function DiagnosticsTable({ comparison }: { comparison: Comparison }) {
  const { volumes, selected } = comparison;
  const columns = useMemo(() => columnsFor(volumes.length), [volumes.length]);
  return (
    <Panel
      title="Over all chosen volumes"
      note="A slice counts as covered by the most similar picked slice, also one of another volume."
    >
      <DataTable
        name="Diagnostics of strategies"
        rows={selected}
        columns={columns}
        rowKey={({ strategy }) => strategy}
        empty="No strategy is chosen."
      />
    </Panel>
  );
}
