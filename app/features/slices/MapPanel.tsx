import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { type StrategyName, strategyLabels } from "#core/experiment/methods.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { Message } from "../../ui/Message.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Term } from "../../ui/Term.tsx";
import { type MappedSlice, slicesOn } from "./mappedSlices.ts";
import { SliceMap } from "./SliceMap.tsx";
import { SlicePicture } from "./SliceThumbs.tsx";
import type { Comparison } from "./useComparison.ts";
import { type MapMethod, useMap } from "./useMap.ts";
import { useSliceImages } from "./useSliceImages.ts";

interface MapPanelProps {
  readonly comparison: Comparison;
  readonly cohortId: string;
}

/** All slices of the chosen volumes as points, near those that look alike. */
export function MapPanel({ comparison, cohortId }: MapPanelProps) {
  const [method, setMethod] = useState<MapMethod>("pca");
  const [wanted, setWanted] = useState<StrategyName | null>(null);
  const [shown, setShown] = useState<MappedSlice | null>(null);
  const { places, progress, problem } = useMap(comparison.question, method);
  const selected =
    comparison.selected.find(({ strategy }) => strategy === wanted) ?? comparison.selected[0];
  const slices = useMemo(
    () => slicesOn(comparison.volumes, selected?.picks ?? [], places),
    [comparison.volumes, selected, places],
  );
  const picked = useMemo(() => slices.filter(({ isPicked }) => isPicked), [slices]);
  const columns = useMemo(() => columnsOf(setShown), []);
  return (
    <Panel
      title="Map of all slices"
      note={
        <>
          Every slice is a point; points that lie close look alike.{" "}
          <Term name="map">How to read it</Term>
        </>
      }
      aside={
        <div className="choiceButtons">
          <SegmentedControl
            size="xs"
            aria-label="Kind of map"
            value={method}
            data={[
              { value: "pca", label: "Principal axes" },
              { value: "umap", label: "Neighbours (UMAP)" },
            ]}
            onChange={(value) => setMethod(value as MapMethod)}
          />
          <NativeSelect
            size="xs"
            aria-label="Strategy whose picks are marked"
            value={selected?.strategy ?? ""}
            data={comparison.selected.map(({ strategy }) => ({
              value: strategy,
              label: strategyLabels[strategy],
            }))}
            onChange={({ currentTarget: { value } }) => setWanted(value as StrategyName)}
          />
        </div>
      }
    >
      {problem ? <Message kind="bad">{problem}</Message> : null}
      <p className="soft" aria-live="polite" style={{ margin: 0, minHeight: "1.4em" }}>
        {progress ? `Mapping: ${progress.done} of ${progress.total}` : ""}
      </p>
      <div className="mapBody">
        <SliceMap slices={slices} shown={shown} onShow={setShown} />
        <ShownSlice cohortId={cohortId} slice={shown} />
      </div>
      <DataTable
        name="Picked slices on the map"
        rows={picked}
        columns={columns}
        rowKey={({ key }) => key}
        empty="Nothing is picked."
      />
    </Panel>
  );
}

/** The slice that was pointed at. */
function ShownSlice({ cohortId, slice }: { cohortId: string; slice: MappedSlice | null }) {
  const wishes = useMemo(() => (slice ? [slice.slice] : []), [slice]);
  const imageOf = useSliceImages(cohortId, slice?.caseId ?? "", wishes);
  return (
    <div className="shownSlice" aria-live="polite">
      {slice ? (
        <>
          <SlicePicture
            picture={imageOf(slice.slice)}
            label={`Slice ${slice.slice} of ${slice.caseId}`}
          />
          <p>
            {slice.caseId}
            <br />
            slice {slice.slice}, {Number(slice.mm.toFixed(1))} mm
            <br />
            {slice.isPicked ? "picked" : "not picked"}
          </p>
        </>
      ) : (
        <p className="soft">Point at a slice, or press Show in the table.</p>
      )}
    </div>
  );
}

const columnsOf = (show: (slice: MappedSlice) => void): Column<MappedSlice>[] => [
  { key: "case", head: "Case", cell: ({ caseId }) => caseId, sort: ({ caseId }) => caseId },
  {
    key: "slice",
    head: "Slice",
    isNumber: true,
    cell: ({ slice }) => slice,
    sort: ({ slice }) => slice,
  },
  {
    key: "mm",
    head: "Place, mm",
    isNumber: true,
    cell: ({ mm }) => Number(mm.toFixed(1)),
    sort: ({ mm }) => mm,
  },
  { key: "x", head: "Map x", isNumber: true, cell: ({ x }) => x.toFixed(2), sort: ({ x }) => x },
  { key: "y", head: "Map y", isNumber: true, cell: ({ y }) => y.toFixed(2), sort: ({ y }) => y },
  {
    key: "show",
    head: "Picture",
    cell: (row) => (
      <button
        type="button"
        className="term"
        aria-label={`Show slice ${row.slice} of ${row.caseId}`}
        onClick={() => show(row)}
      >
        Show
      </button>
    ),
  },
];
