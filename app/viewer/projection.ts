import type { PlanePoint } from "#core/view/planes.ts";

/** How close and where somebody looks at a slice. */
export interface Camera {
  /** 1 fits the slice into its pane. */
  readonly zoom: number;
  /** How far the middle of the pane is from the middle of the slice, mm. */
  readonly pan: PlanePoint;
}

export const fitted: Camera = { zoom: 1, pan: [0, 0] };

/** From mm on a slice to pixels of its pane: `left + scale * mm`. */
export interface Projection {
  /** Pixels per mm. */
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

/** Share of a pane that a fitted slice fills along its tighter side. */
const FILL = 0.96;

/** @param slice - width and height of the slice, mm */
export function projectionOf(pane: PaneSize, slice: PlanePoint, camera: Camera): Projection {
  const fit = Math.min(pane.width / slice[0], pane.height / slice[1]) * FILL;
  const scale = Math.max(fit * camera.zoom, 1e-6);
  return {
    scale,
    left: pane.width / 2 - (slice[0] / 2 + camera.pan[0]) * scale,
    top: pane.height / 2 - (slice[1] / 2 + camera.pan[1]) * scale,
  };
}

/** Pixels of the pane of a place on the slice. */
export function toPane({ scale, left, top }: Projection, [across, down]: PlanePoint): PlanePoint {
  return [left + across * scale, top + down * scale];
}

/** The place on the slice under a pixel of the pane. */
export function fromPane({ scale, left, top }: Projection, [x, y]: PlanePoint): PlanePoint {
  return [(x - left) / scale, (y - top) / scale];
}
