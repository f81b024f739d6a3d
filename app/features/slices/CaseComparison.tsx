import { NativeSelect } from "@mantine/core";
import { useMemo, useState } from "react";
import { type StrategyName, strategyLabels } from "#core/experiment/methods.ts";
import type { SelectionDiagnostics } from "#core/selection/diagnostics.ts";
import type { SlicesOfVolume } from "#workers/protocol.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatCount } from "../../ui/format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { diagnosticColumns } from "./diagnosticColumns.tsx";
import { SliceAxis } from "./SliceAxis.tsx";
import { SliceThumbs } from "./SliceThumbs.tsx";
import type { Comparison } from "./useComparison.ts";
import { useSliceImages } from "./useSliceImages.ts";

interface CaseComparisonProps {
  readonly cohortId: string;
  readonly comparison: Comparison;
}

interface CaseRow {
  readonly strategy: StrategyName;
  readonly picks: readonly number[];
  readonly found: SelectionDiagnostics;
}

/** Pictures of each strategy at most; the axis and the table show every pick. */
const MOST_PICTURES = 24;

/** What each strategy picks of one case, side by side. */
export function CaseComparison({ cohortId, comparison }: CaseComparisonProps) {
  const { volumes, selected } = comparison;
  const [wanted, setWanted] = useState("");
  const at = Math.max(
    0,
    volumes.findIndex(({ id }) => id === wanted),
  );
  const volume = volumes[at];
  const rows = useMemo(
    () =>
      selected.map(({ strategy, picks, each }) => ({
        strategy,
        picks: picks[at] ?? [],
        found: each[at] as SelectionDiagnostics,
      })),
    [selected, at],
  );
  const wishes = useMemo(
    () => [...new Set(rows.flatMap(({ picks }) => shownOf(picks)))].sort((a, b) => a - b),
    [rows],
  );
  const imageOf = useSliceImages(cohortId, volume?.id ?? "", wishes);
  if (!volume) return null;
  return (
    <Panel
      title="On one case"
      note="Slices along the axis of the volume, from the most inferior; thick ticks above are picked, ticks below show the target."
      aside={
        <NativeSelect
          size="xs"
          aria-label="Case"
          value={volume.id}
          data={volumes.map(({ id }) => id)}
          onChange={({ currentTarget: { value } }) => setWanted(value)}
        />
      }
    >
      <div className="column" style={{ gap: "1rem" }}>
        {rows.map(({ strategy, picks }) => (
          <section key={strategy} aria-label={strategyLabels[strategy]} className="picksRow">
            <h3>{strategyLabels[strategy]}</h3>
            <SliceAxis volume={volume} picks={picks} />
            <SliceThumbs
              picks={shownOf(picks)}
              left={picks.length - shownOf(picks).length}
              imageOf={imageOf}
            />
          </section>
        ))}
        <DataTable
          name="Slices picked of this case"
          rows={rows}
          columns={caseColumns(volume)}
          rowKey={({ strategy }) => strategy}
          empty="No strategy is chosen."
        />
      </div>
    </Panel>
  );
}

/** As many pictures as fit, spread over the picks. */
function shownOf(picks: readonly number[]): number[] {
  const count = Math.min(picks.length, MOST_PICTURES);
  return Array.from(
    { length: count },
    (_, k) => picks[Math.floor((k * picks.length) / count)] ?? 0,
  );
}

function caseColumns({ depth, spacingMm }: SlicesOfVolume): Column<CaseRow>[] {
  return [
    { key: "strategy", head: "Strategy", cell: ({ strategy }) => strategyLabels[strategy] },
    {
      key: "count",
      head: "Slices",
      isNumber: true,
      cell: ({ picks }) => `${formatCount(picks.length)} of ${formatCount(depth)}`,
      sort: ({ picks }) => picks.length,
    },
    ...diagnosticColumns<CaseRow>(({ found }) => found),
    {
      key: "picks",
      head: "Picked: slice (mm)",
      isText: true,
      cell: ({ picks }) =>
        picks.map((z) => `${z} (${Number((z * spacingMm).toFixed(1))})`).join(", ") || "none",
    },
  ];
}
