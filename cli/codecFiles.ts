import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { LoadCodec } from "#codecs/codecFrameDecoder.ts";

const locate = createRequire(import.meta.url).resolve;

const files = {
  charls: "@cornerstonejs/codec-charls/decodewasm",
  openjpeg: "@cornerstonejs/codec-openjpeg/decodewasm",
  openjph: "@cornerstonejs/codec-openjph/wasm",
  libjpegTurbo: "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm",
} as const;

/** The WebAssembly of codecs, from this disk. */
export const loadCodec: LoadCodec = async (name) =>
  new Uint8Array(await readFile(locate(files[name])));
