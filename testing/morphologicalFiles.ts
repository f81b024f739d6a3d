import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { MorphologicalFiles } from "../nn/interpolation/morphological/itkPipeline.ts";

const entry = createRequire(import.meta.url).resolve(
  "@itk-wasm/morphological-contour-interpolation",
);
const folder = new URL("pipelines/", pathToFileURL(entry));

/** The files of morphological interpolation, from this disk. */
export const morphologicalFiles: MorphologicalFiles = {
  script: new URL("morphological-contour-interpolation.js", folder).href,
  wasm: async () =>
    new Uint8Array(
      await readFile(
        fileURLToPath(new URL("morphological-contour-interpolation.wasm.zst", folder)),
      ),
    ),
};
