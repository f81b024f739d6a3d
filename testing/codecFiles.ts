import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { LoadCodec } from "#codecs/codecFrameDecoder.ts";

const locate = createRequire(import.meta.url).resolve;

/** The WebAssembly of codecs as Node finds it. */
export const loadCodec: LoadCodec = async (name) => new Uint8Array(await readFile(files[name]));

const files = {
  charls: locate("@cornerstonejs/codec-charls/decodewasm"),
  openjpeg: locate("@cornerstonejs/codec-openjpeg/decodewasm"),
  openjph: locate("@cornerstonejs/codec-openjph/wasm"),
  libjpegTurbo: locate("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm"),
};
