import { PlannerError } from "#core/errors.ts";
import type { MorphologicalFiles } from "#nn/interpolation/morphological/itkPipeline.ts";
import script from "../node_modules/@itk-wasm/morphological-contour-interpolation/dist/pipelines/morphological-contour-interpolation.js?url";
import wasm from "../node_modules/@itk-wasm/morphological-contour-interpolation/dist/pipelines/morphological-contour-interpolation.wasm.zst?url";

/**
 * The files of morphological interpolation, from the page's own origin. Their addresses go
 * past the package's entry, which would load them from a network of others.
 */
export const morphological: MorphologicalFiles = {
  script: new URL(script, self.location.href).href,
  wasm: async () => {
    const response = await fetch(new URL(wasm, self.location.href));
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new PlannerError("device", `its file could not be loaded, status ${response.status}`);
  },
};
