import { type PlaneAxes, planeAxes, planeNames, type Voxel } from "#core/view/planes.ts";
import { autoWindow, type Percentiles, type Window, windowPresets } from "#core/view/windows.ts";
import type { Grid } from "#core/volume/grid.ts";
import type { Plane } from "#core/volume/orientation.ts";
import { type Camera, fitted } from "./projection.ts";

/** What dragging with the main button does. */
export const tools = ["crosshair", "window", "pan", "zoom"] as const;
export type Tool = (typeof tools)[number];

/** What somebody looks at, and how. */
export interface ViewState {
  /** Where the three planes cross. */
  readonly at: Voxel;
  readonly window: Window;
  /** The plane that keys act on. */
  readonly plane: Plane;
  readonly cameras: Readonly<Record<Plane, Camera>>;
  readonly tool: Tool;
  /** Of masks, 0 to 1. */
  readonly opacity: number;
  readonly showsMasks: boolean;
  readonly showsCrosshair: boolean;
  /** Layers by whether they are on; layers that nobody touched are not in it. */
  readonly switched: Readonly<Record<string, boolean>>;
  /** Two layers side by side on one slice, by their keys; null for the three planes. */
  readonly compared: readonly [string, string] | null;
}

export type ViewChange =
  | { readonly type: "moved"; readonly at: Voxel }
  | { readonly type: "scrolled"; readonly plane: Plane; readonly slice: number }
  /** By so many slices from wherever it is: several may come before the page is drawn. */
  | { readonly type: "stepped"; readonly plane: Plane; readonly slices: number }
  | { readonly type: "windowed"; readonly window: Window }
  | { readonly type: "looked"; readonly plane: Plane; readonly camera: Camera }
  | { readonly type: "switched"; readonly key: string; readonly isOn: boolean }
  | { readonly type: "fitted" }
  | { readonly type: "reset"; readonly percentiles: Percentiles }
  | {
      readonly type: "set";
      readonly change: Partial<
        Pick<ViewState, "plane" | "tool" | "opacity" | "showsMasks" | "showsCrosshair" | "compared">
      >;
    };

const farAway: ViewState["cameras"] = { axial: fitted, coronal: fitted, sagittal: fitted };

/** @param slice - depth index to begin with; the middle one otherwise */
export function firstView(
  { shape, affine }: Grid,
  percentiles: Percentiles,
  slice?: number,
): ViewState {
  const middle = shape.map((count) => Math.floor(count / 2)) as [number, number, number];
  if (slice !== undefined) middle[0] = clamp(slice, shape[0]);
  return {
    at: middle,
    window: autoWindow(percentiles),
    plane: planeNames.find((plane) => planeAxes(affine, plane).fixed === 0) ?? "axial",
    cameras: farAway,
    tool: "crosshair",
    opacity: 0.5,
    showsMasks: true,
    showsCrosshair: true,
    switched: {},
    compared: null,
  };
}

/** The state after a change; places outside the volume become the nearest inside. */
export function viewReducer(grid: Grid) {
  return (state: ViewState, change: ViewChange): ViewState => {
    switch (change.type) {
      case "moved":
        return { ...state, at: inside(grid, change.at) };
      case "scrolled":
      case "stepped": {
        const { fixed } = planeAxes(grid.affine, change.plane);
        const at: [number, number, number] = [...state.at];
        at[fixed] = change.type === "scrolled" ? change.slice : at[fixed] + change.slices;
        return { ...state, plane: change.plane, at: inside(grid, at) };
      }
      case "windowed":
        return { ...state, window: change.window };
      case "looked":
        return { ...state, cameras: { ...state.cameras, [change.plane]: change.camera } };
      case "switched":
        return { ...state, switched: { ...state.switched, [change.key]: change.isOn } };
      case "fitted":
        return { ...state, cameras: farAway };
      case "reset":
        return { ...firstView(grid, change.percentiles), at: state.at, switched: state.switched };
      case "set":
        return { ...state, ...change.change };
    }
  };
}

/** Slice of a plane that is in sight. */
export function sliceIn({ at }: ViewState, { fixed }: PlaneAxes): number {
  return at[fixed];
}

/** The window of a number key, 1 to 5; null for other numbers. */
export function presetWindow(percentiles: Percentiles, number: number): Window | null {
  return windowPresets(percentiles)[number - 1]?.window ?? null;
}

const ZOOMS = { min: 0.2, max: 40 };

export function zoomed(camera: Camera, factor: number): Camera {
  return { ...camera, zoom: Math.min(ZOOMS.max, Math.max(ZOOMS.min, camera.zoom * factor)) };
}

/** A window made wider and moved, as dragging does: by shares of the volume's own range. */
export function draggedWindow(
  { lower, upper }: Window,
  percentiles: Percentiles,
  wider: number,
  higher: number,
): Window {
  const range = (percentiles[100] ?? 1) - (percentiles[0] ?? 0) || 1;
  const width = Math.max(range / 1000, upper - lower + wider * range);
  const level = (lower + upper) / 2 + higher * range;
  return { lower: level - width / 2, upper: level + width / 2 };
}

function inside({ shape }: Grid, at: Voxel): Voxel {
  return [clamp(at[0], shape[0]), clamp(at[1], shape[1]), clamp(at[2], shape[2])];
}

function clamp(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.round(index)));
}
