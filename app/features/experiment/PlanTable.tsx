import { useMemo } from "react";
import type { ConfigurationPlan } from "#core/experiment/plan.ts";
import { configurationColumns } from "../../ui/configurationColumns.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatBytes, formatCount, formatRange, formatSeconds } from "../../ui/format.ts";
import { Status } from "../../ui/Status.tsx";

interface PlanTableProps {
  readonly rows: readonly ConfigurationPlan[];
  /** Times are on their way. */
  readonly isMeasuring: boolean;
}

const columnsOf = ({ rows, isMeasuring }: PlanTableProps): Column<ConfigurationPlan>[] => [
  ...configurationColumns(
    ["network", "density", "volumeFraction", "strategy", "interpolator"],
    rows,
  ),
  {
    key: "volumes",
    head: "Volumes",
    isNumber: true,
    cell: ({ budget }) => (budget ? formatRange([budget.fewestVolumes, budget.volumes]) : "-"),
    sort: ({ budget }) => budget?.volumes ?? null,
  },
  {
    key: "slicesPerVolume",
    head: "Slices per volume",
    isNumber: true,
    cell: ({ budget }) => (budget ? formatRange(budget.slicesPerVolume) : "-"),
    sort: ({ budget }) => budget?.slicesPerVolume[0] ?? null,
  },
  {
    key: "budget",
    head: "Budget, slices",
    term: "budget",
    isNumber: true,
    cell: ({ budget }) => (budget ? formatCount(budget.slices) : "-"),
    sort: ({ budget }) => budget?.slices ?? null,
  },
  {
    key: "seconds",
    head: "Time, all repeats",
    isNumber: true,
    cell: ({ seconds, problem }) =>
      problem ? (
        <Status kind="bad">cannot run</Status>
      ) : seconds === null ? (
        <span className="soft">{isMeasuring ? "measuring..." : "not measured"}</span>
      ) : (
        `about ${formatSeconds(seconds)}`
      ),
    sort: ({ seconds }) => seconds,
  },
  {
    key: "memory",
    head: "Memory",
    isNumber: true,
    cell: ({ memoryBytes }) => (memoryBytes === null ? "-" : formatBytes(memoryBytes)),
    sort: ({ memoryBytes }) => memoryBytes,
  },
];

/** What every configuration asks for, before anything starts. */
export function PlanTable({ rows, isMeasuring }: PlanTableProps) {
  const columns = useMemo(() => columnsOf({ rows, isMeasuring }), [rows, isMeasuring]);
  return (
    <DataTable
      name="Plan"
      rows={rows}
      columns={columns}
      rowKey={({ configuration }) => JSON.stringify(configuration)}
      empty="No configuration: choose a density, a volume fraction and a strategy."
    />
  );
}
