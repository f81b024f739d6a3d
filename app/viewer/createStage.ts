import type { CaseImage } from "#core/view/maskSource.ts";
import type { Renderer, Stage } from "./stage.ts";

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
