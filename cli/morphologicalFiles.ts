import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { MorphologicalFiles } from "#nn/interpolation/morphological/itkPipeline.ts";

/** The files of morphological interpolation, from this disk. */
export function morphologicalFiles(): MorphologicalFiles {
  const require = createRequire(import.meta.url);
  const entry = require.resolve("@itk-wasm/morphological-contour-interpolation");
  const folder = new URL("pipelines/", pathToFileURL(entry));
  const file = (ending: string) => new URL(`morphological-contour-interpolation${ending}`, folder);
  return {
    script: file(".js").href,
    wasm: async () => new Uint8Array(await readFile(fileURLToPath(file(".wasm.zst")))),
  };
}
