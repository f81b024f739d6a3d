import type { MaskVoxels } from "#core/view/maskSource.ts";
import type { PlaneAxes } from "#core/view/planes.ts";
import type { Window } from "#core/view/windows.ts";
import type { ColourTable } from "./layerLooks.ts";
import type { PaneSize, Projection } from "./projection.ts";

/** A mask as it is drawn. */
export interface DrawnLayer {
  readonly mask: MaskVoxels;
  readonly table: ColourTable;
  /** The largest value that has a colour of its own. */
  readonly last: number;
  /** 0 (unseen) to 1. */
  readonly opacity: number;
}

/** Everything that decides what one pane looks like. */
export interface PaneView {
  readonly axes: PlaneAxes;
  readonly slice: number;
  readonly size: PaneSize;
  readonly projection: Projection;
  readonly window: Window;
  /** Drawn in this order. */
  readonly layers: readonly DrawnLayer[];
}

/** Draws into one element of the page. */
export interface Painter {
  paint(view: PaneView): void;
  dispose(): void;
}

/** Something that draws slices of one image. */
export interface Stage {
  attach(host: HTMLElement): Painter;
  dispose(): void;
}

/** What draws: the graphics processor through WebGL, or the processor alone. */
export type Renderer = "webgl" | "canvas";
