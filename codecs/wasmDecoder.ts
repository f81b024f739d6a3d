import type { FrameShape } from "#core/formats/dicom/frameDecoder.ts";

/** Starts the WebAssembly of a codec package from its bytes. */
export type StartCodec<Name extends string> = (options: {
  readonly wasmBinary: Uint8Array;
  /** Where it says what it does. */
  readonly print: (text: string) => void;
  readonly printErr: (text: string) => void;
}) => Promise<Readonly<Record<Name, new () => WasmDecoder>>>;

/** The decoder class that all codec packages share. */
export interface WasmDecoder {
  /** Memory of the codec to copy compressed bytes to. */
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): { readonly bitsPerSample: number; readonly isSigned?: boolean };
  /** Memory of the codec with the values; gone after `delete`. */
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

/** Values that one frame decodes to, copied out of the codec's memory. */
export function decodeWith(
  Decoder: new () => WasmDecoder,
  bytes: Uint8Array,
  { signed }: FrameShape,
): Uint8Array | Int8Array | Uint16Array | Int16Array {
  const decoder = new Decoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const { bitsPerSample } = decoder.getFrameInfo();
    const own = decoder.getDecodedBuffer().slice();
    if (bitsPerSample <= 8) return signed ? new Int8Array(own.buffer) : own;
    const length = own.length >> 1;
    return signed ? new Int16Array(own.buffer, 0, length) : new Uint16Array(own.buffer, 0, length);
  } catch (error) {
    // C++ exceptions arrive as addresses, which tell nobody anything.
    throw error instanceof Error ? error : new Error("the codec found its data damaged");
  } finally {
    decoder.delete();
  }
}
