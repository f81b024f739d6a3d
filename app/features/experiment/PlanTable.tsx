import { useMemo } from "react";
import { strategyLabels } from "#core/experiment/methods.ts";
import type { ConfigurationPlan } from "#core/experiment/plan.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import {
  formatCount,
  formatFraction,
  formatPercent,
  formatRange,
  formatSeconds,
} from "../../ui/format.ts";
import { Status } from "../../ui/Status.tsx";

const columnsOf = (isMeasuring: boolean): Column<ConfigurationPlan>[] => [
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
    key: "volumes",
    head: "Volumes",
    isNumber: true,
    cell: ({ budget }) => (budget ? formatCount(budget.volumes) : "-"),
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
];

interface PlanTableProps {
  readonly rows: readonly ConfigurationPlan[];
  /** Times are on their way. */
  readonly isMeasuring: boolean;
}

/** What every configuration asks for, before anything starts. */
export function PlanTable({ rows, isMeasuring }: PlanTableProps) {
  const columns = useMemo(() => columnsOf(isMeasuring), [isMeasuring]);
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
