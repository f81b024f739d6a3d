/// <reference path="./packages.d.ts" />
import type { CodecCompression, FrameDecoder } from "#core/formats/dicom/frameDecoder.ts";
import { decodeWith, type WasmDecoder } from "./wasmDecoder.ts";

/** Codecs that are WebAssembly, by the file they need. */
export type CodecName = "charls" | "openjpeg" | "openjph" | "libjpegTurbo";

/** Bytes of a codec's WebAssembly: from disk in Node, from the page's own origin in a worker. */
export type LoadCodec = (name: CodecName) => Promise<Uint8Array>;

/**
 * Decodes compressed DICOM frames: JPEG-LS (CharLS), JPEG 2000 (OpenJPEG), HTJ2K (OpenJPH)
 * and JPEG (libjpeg-turbo). A codec is loaded when the first frame needs it.
 */
export function codecFrameDecoder(load: LoadCodec): FrameDecoder {
  const started = new Map<CodecName, Promise<new () => WasmDecoder>>();
  const start = (name: CodecName) => {
    const known = started.get(name) ?? load(name).then(starters[name]);
    started.set(name, known);
    return known;
  };
  return {
    decode: async (compression, bytes, shape) => {
      const codec = codecOf[compression];
      const Decoder = await start(codec);
      try {
        return decodeWith(Decoder, bytes, shape);
      } catch (error) {
        // What damaged data did to the codec's memory, nobody knows: the next frame gets a new one.
        started.delete(codec);
        throw error;
      }
    },
  };
}

const codecOf: Readonly<Record<CodecCompression, CodecName>> = {
  jpegLs: "charls",
  jpeg2000: "openjpeg",
  htj2k: "openjph",
  jpeg: "libjpegTurbo",
};

/** OpenJPEG reports every header it reads. */
const silent = { print: () => {}, printErr: () => {} };

type Start = (wasmBinary: Uint8Array) => Promise<new () => WasmDecoder>;

const starters: Readonly<Record<CodecName, Start>> = {
  charls: async (wasmBinary) => {
    const { default: start } = await import("@cornerstonejs/codec-charls/decodewasmjs");
    return (await start({ wasmBinary, ...silent })).JpegLSDecoder;
  },
  openjpeg: async (wasmBinary) => {
    const { default: start } = await import("@cornerstonejs/codec-openjpeg/decodewasmjs");
    return (await start({ wasmBinary, ...silent })).J2KDecoder;
  },
  openjph: async (wasmBinary) => {
    const { default: start } = await import("@cornerstonejs/codec-openjph/wasmjs");
    return (await start({ wasmBinary, ...silent })).HTJ2KDecoder;
  },
  libjpegTurbo: async (wasmBinary) => {
    const { default: start } = await import("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs");
    return (await start({ wasmBinary, ...silent })).JPEGDecoder;
  },
};
