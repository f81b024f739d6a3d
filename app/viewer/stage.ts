import type { CaseImage, MaskVoxels } from "#core/view/maskSource.ts";
import type { PlaneAxes } from "#core/view/planes.ts";
import type { Window } from "#core/view/windows.ts";
import type { ColourTable } from "./layerLooks.ts";
import type { PaneSize, Projection } from "./projection.ts";

/** A mask as it is drawn. */
export interface DrawnLayer {
  readonly mask: MaskVoxels;
  readonly table: ColourTable;
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

/** @throws Error when the browser cannot draw so */
export async function createStage(renderer: Renderer, image: CaseImage): Promise<Stage> {
  if (renderer === "canvas") {
    const { canvasStage } = await import("./canvasStage.ts");
    return canvasStage(image);
  }
  const { cornerstoneStage } = await import("./cornerstoneStage.ts");
  return cornerstoneStage(image);
}

/**
 * WebGL where a graphics processor does the work. WebGL in software is slower than drawing the
 * slice ourselves, and some browsers have none.
 */
export function bestRenderer(): Renderer {
  try {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: true });
    if (!context) return "canvas";
    const isSoftware = /swiftshader|llvmpipe|software/i.test(rendererName(context));
    // Contexts are few; this one has done its work.
    context.getExtension("WEBGL_lose_context")?.loseContext();
    return isSoftware ? "canvas" : "webgl";
  } catch {
    return "canvas";
  }
}

function rendererName(context: WebGL2RenderingContext): string {
  const details = context.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = details ? context.getParameter(details.UNMASKED_RENDERER_WEBGL) : "";
  return typeof name === "string" ? name : "";
}
