import charls from "@cornerstonejs/codec-charls/decodewasm?url";
import libjpegTurbo from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm?url";
import openjpeg from "@cornerstonejs/codec-openjpeg/decodewasm?url";
import openjph from "@cornerstonejs/codec-openjph/wasm?url";
import { type CodecName, codecFrameDecoder } from "#codecs/codecFrameDecoder.ts";
import { PlannerError } from "#core/errors.ts";
import type { FrameDecoder } from "#core/formats/dicom/frameDecoder.ts";

const addresses: Readonly<Record<CodecName, string>> = { charls, libjpegTurbo, openjpeg, openjph };

/** Decoders of compressed DICOM pixels, their WebAssembly from the page's own origin. */
export function browserFrameDecoder(): FrameDecoder {
  return codecFrameDecoder(async (name) => {
    const response = await fetch(addresses[name]).catch(() => null);
    if (response?.ok) return new Uint8Array(await response.arrayBuffer());
    throw new PlannerError(
      "format",
      `the decoder of these DICOM pixels (${name}) could not be loaded; check the connection and ` +
        "try again",
    );
  });
}
