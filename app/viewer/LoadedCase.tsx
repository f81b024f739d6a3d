import { useEffect, useMemo, useReducer, useRef } from "react";
import { unionOf } from "#core/view/chosenSlices.ts";
import type { CaseImage } from "#core/view/maskSource.ts";
import { planeAcross, planeAxes, planeNames } from "#core/view/planes.ts";
import { Message } from "../ui/Message.tsx";
import type { CaseViewProps } from "./caseView.ts";
import { LayerPanel } from "./LayerPanel.tsx";
import { PlanePane } from "./PlanePane.tsx";
import { Readout } from "./Readout.tsx";
import { isShown, shownLayers } from "./shownLayers.ts";
import { useMasks } from "./useMasks.ts";
import { useStage } from "./useStage.ts";
import { useViewerKeys } from "./useViewerKeys.ts";
import { ViewerToolbar } from "./ViewerToolbar.tsx";
import { firstView, viewReducer } from "./viewState.ts";

interface LoadedCaseProps extends CaseViewProps {
  readonly image: CaseImage;
}

/** The viewer of a case whose image is there. */
export function LoadedCase(props: LoadedCaseProps) {
  const { cohortId, caseId, image, layers, chosen = [], labelNames = {} } = props;
  const { grid, percentiles } = image;
  const start = props.slice ?? unionOf(chosen.map(({ slices }) => slices))[0];
  const [state, change] = useReducer(viewReducer(grid), null, () =>
    firstView(grid, percentiles, start),
  );
  useHostSlice(props, state.at[0], change, image);
  const wanted = layers.filter((layer) => isShown(state, layer) || isCompared(state, layer.key));
  const masks = useMasks(cohortId, caseId, layers, wanted);
  const [stage, renderer, setRenderer] = useStage(image);
  const onKeyDown = useViewerKeys({ state, change, image, chosen });
  const depthPlane = useMemo(() => planeAcross(grid.affine, 0), [grid]);
  const panes = state.compared
    ? state.compared.map((key) => ({ key, axes: depthPlane, only: key }))
    : planeNames
        .map((plane) => planeAxes(grid.affine, plane))
        // The plane that is annotated comes first and largest.
        .sort((a, b) => Number(b.fixed === 0) - Number(a.fixed === 0))
        .map((axes) => ({ key: axes.plane, axes, only: null }));
  const problems = [...masks.values()].flatMap((one) =>
    one.status === "failed" ? [one.problem] : [],
  );
  return (
    <section className="viewer" aria-label={`Viewer of ${caseId}`} onKeyDown={onKeyDown}>
      <ViewerToolbar
        state={state}
        change={change}
        percentiles={percentiles}
        layers={layers}
        renderer={renderer}
        onRenderer={setRenderer}
      />
      {problems.map((problem) => (
        <Message key={problem} kind="warn">
          <p>{problem}</p>
        </Message>
      ))}
      <div className="viewerBody">
        <div className="panes" data-layout={state.compared ? "compare" : "planes"}>
          {panes.map(({ key, axes, only }) => (
            <PlanePane
              key={key}
              image={image}
              stage={stage}
              axes={axes}
              title={only ? layers.find((layer) => layer.key === only)?.name : undefined}
              layers={shownLayers(state, layers, masks, only)}
              chosen={chosen}
              state={state}
              change={change}
            />
          ))}
        </div>
        <div className="viewerSide">
          <Readout
            state={state}
            image={image}
            layers={layers}
            masks={masks}
            chosen={chosen}
            labelNames={labelNames}
          />
          {props.sliceControls?.(state.at[0])}
          <LayerPanel
            layers={layers}
            masks={masks}
            chosen={chosen}
            labelNames={labelNames}
            state={state}
            change={change}
          />
        </div>
      </div>
    </section>
  );
}

function isCompared({ compared }: { compared: readonly string[] | null }, key: string): boolean {
  return compared?.includes(key) ?? false;
}

/** Follows the host's slice, and tells the host which one is in sight. */
function useHostSlice(
  { slice, onSlice }: CaseViewProps,
  current: number,
  change: (change: {
    type: "scrolled";
    plane: "axial" | "coronal" | "sagittal";
    slice: number;
  }) => void,
  { grid }: CaseImage,
): void {
  const plane = planeAcross(grid.affine, 0).plane;
  const told = useRef(current);
  useEffect(() => {
    if (slice === undefined || slice === told.current) return;
    told.current = slice;
    change({ type: "scrolled", plane, slice });
  }, [slice, plane, change]);
  useEffect(() => {
    if (told.current === current) return;
    told.current = current;
    onSlice?.(current);
  }, [current, onSlice]);
}
