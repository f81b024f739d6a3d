import { useElementSize } from "@mantine/hooks";
import { type Dispatch, useEffect, useRef } from "react";
import type { CaseImage } from "#core/view/maskSource.ts";
import { type PlaneAxes, planeSize, positionText, slicePosition } from "#core/view/planes.ts";
import type { ChosenSlices } from "./caseView.ts";
import { PaneMarks } from "./PaneMarks.tsx";
import { projectionOf } from "./projection.ts";
import { SliceSlider } from "./SliceSlider.tsx";
import type { DrawnLayer, Painter, PaneView, Stage } from "./stage.ts";
import { usePaneGestures } from "./usePaneGestures.ts";
import { sliceIn, type ViewChange, type ViewState } from "./viewState.ts";

interface PlanePaneProps {
  readonly image: CaseImage;
  readonly stage: Stage | null;
  readonly axes: PlaneAxes;
  /** Of a pane that shows one layer. */
  readonly title?: string | undefined;
  readonly layers: readonly DrawnLayer[];
  readonly chosen: readonly ChosenSlices[];
  readonly state: ViewState;
  readonly change: Dispatch<ViewChange>;
}

/** One plane of a case, with its slider. */
export function PlanePane(props: PlanePaneProps) {
  const { image, stage, axes, title, layers, chosen, state, change } = props;
  const { grid } = image;
  const { ref: sizeRef, width, height } = useElementSize<HTMLDivElement>();
  const slice = sliceIn(state, axes);
  const count = grid.shape[axes.fixed];
  const projection = projectionOf(
    { width, height },
    planeSize(grid, axes),
    state.cameras[axes.plane],
  );
  const host = usePainter(stage, {
    axes,
    slice,
    size: { width, height },
    projection,
    window: state.window,
    layers,
  });
  const slider = useRef<HTMLInputElement>(null);
  const gestures = usePaneGestures({ image, axes, projection, state, change });
  const mm = positionText(axes.plane, slicePosition(grid, axes, slice));
  return (
    <figure
      className="pane"
      data-plane={axes.plane}
      data-slice={slice}
      data-size={axes.fixed === 0 ? "large" : "small"}
    >
      <figcaption className="paneHead">
        <strong>{title ?? planeLabels[axes.plane]}</strong>
        <span className="number">
          {slice + 1} of {count}, {mm}
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: slider and keys do all of it too */}
      <div
        className="paneStage"
        ref={gestures.ref}
        onPointerDown={(event) => {
          gestures.onPointerDown(event);
          slider.current?.focus({ preventScroll: true });
        }}
        onPointerMove={gestures.onPointerMove}
        onPointerUp={gestures.onPointerUp}
        onPointerCancel={gestures.onPointerUp}
        onContextMenu={(event) => event.preventDefault()}
      >
        <div className="paneHost" ref={host} />
        <div className="paneMeasure" ref={sizeRef}>
          <PaneMarks
            grid={grid}
            axes={axes}
            size={{ width, height }}
            projection={projection}
            state={state}
            chosen={chosen}
          />
        </div>
      </div>
      <SliceSlider
        ref={slider}
        name={`${title ? `${title}, ` : ""}${planeLabels[axes.plane].toLowerCase()} slice`}
        text={`${slice + 1} of ${count}, ${mm}`}
        slice={slice}
        count={count}
        chosen={axes.fixed === 0 ? chosen : []}
        onFocus={() => change({ type: "set", change: { plane: axes.plane } })}
        onSlice={(next) => change({ type: "scrolled", plane: axes.plane, slice: next })}
      />
    </figure>
  );
}

const planeLabels = { axial: "Axial", coronal: "Coronal", sagittal: "Sagittal" } as const;

/** Paints what a view says, once for each picture the screen shows. */
function usePainter(stage: Stage | null, view: PaneView) {
  const host = useRef<HTMLDivElement>(null);
  const painter = useRef<Painter | null>(null);
  const latest = useRef(view);
  useEffect(() => {
    if (!stage || !host.current) return;
    const mine = stage.attach(host.current);
    painter.current = mine;
    if (latest.current.size.width > 0) mine.paint(latest.current);
    return () => {
      painter.current = null;
      mine.dispose();
    };
  }, [stage]);
  useEffect(() => {
    latest.current = view;
    if (view.size.width === 0 || view.size.height === 0) return;
    const frame = requestAnimationFrame(() => painter.current?.paint(view));
    return () => cancelAnimationFrame(frame);
  });
  return host;
}
