import { type Dispatch, type PointerEvent, useEffect, useRef } from "react";
import type { CaseImage } from "#core/view/maskSource.ts";
import { type PlaneAxes, type PlanePoint, voxelAt } from "#core/view/planes.ts";
import type { Window } from "#core/view/windows.ts";
import { type Camera, fromPane, type Projection } from "./projection.ts";
import {
  draggedWindow,
  sliceIn,
  type Tool,
  type ViewChange,
  type ViewState,
  zoomed,
} from "./viewState.ts";

interface GestureOptions {
  readonly image: CaseImage;
  readonly axes: PlaneAxes;
  readonly projection: Projection;
  readonly state: ViewState;
  readonly change: Dispatch<ViewChange>;
}

/** Where dragging began, and what was seen then. */
interface Drag {
  readonly tool: Tool;
  readonly x: number;
  readonly y: number;
  readonly camera: Camera;
  readonly window: Window;
}

/** A pixel of a wheel, per slice, on devices that scroll smoothly. */
const PIXELS_PER_SLICE = 40;

/**
 * Pointer and wheel over a pane: the main button does what the tool says, the middle one pans,
 * the right one sets the window; the wheel goes through slices, with Ctrl it zooms.
 */
export function usePaneGestures(options: GestureOptions) {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const ref = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    let rest = 0;
    const onWheel = (event: WheelEvent) => {
      // The page must not scroll, which a passive listener cannot prevent.
      event.preventDefault();
      const { axes, state, change } = latest.current;
      const pixels =
        event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 100;
      if (event.ctrlKey) {
        const camera = zoomed(state.cameras[axes.plane], 2 ** (-pixels / 300));
        change({ type: "looked", plane: axes.plane, camera });
        return;
      }
      rest += pixels / (Math.abs(pixels) >= 100 ? 100 : PIXELS_PER_SLICE);
      const slices = Math.trunc(rest);
      if (slices === 0) return;
      rest -= slices;
      change({ type: "stepped", plane: axes.plane, slices });
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  const act = (event: PointerEvent<HTMLDivElement>, { tool, x, y, camera, window }: Drag) => {
    const { image, axes, projection, state, change } = latest.current;
    const [dx, dy] = [event.clientX - x, event.clientY - y];
    if (tool === "crosshair") {
      const box = event.currentTarget.getBoundingClientRect();
      const place = fromPane(projection, [event.clientX - box.left, event.clientY - box.top]);
      change({ type: "moved", at: voxelAt(image.grid, axes, sliceIn(state, axes), place) });
    } else if (tool === "pan") {
      const { scale } = projection;
      const pan: PlanePoint = [camera.pan[0] - dx / scale, camera.pan[1] - dy / scale];
      change({ type: "looked", plane: axes.plane, camera: { ...camera, pan } });
    } else if (tool === "zoom") {
      change({ type: "looked", plane: axes.plane, camera: zoomed(camera, 2 ** (-dy / 120)) });
    } else {
      const next = draggedWindow(window, image.percentiles, dx / 600, -dy / 600);
      change({ type: "windowed", window: next });
    }
  };

  return {
    ref,
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      const byButton: Record<number, Tool> = { 0: options.state.tool, 1: "pan", 2: "window" };
      const tool = byButton[event.button];
      if (!tool) return;
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      const { state, axes, change } = options;
      drag.current = {
        tool,
        x: event.clientX,
        y: event.clientY,
        camera: state.cameras[axes.plane],
        window: state.window,
      };
      change({ type: "set", change: { plane: axes.plane } });
      if (tool === "crosshair") act(event, drag.current);
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      if (drag.current) act(event, drag.current);
    },
    onPointerUp: () => {
      drag.current = null;
    },
  };
}
