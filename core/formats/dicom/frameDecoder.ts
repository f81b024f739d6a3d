import type { Compression } from "./transferSyntaxes.ts";

/** What a compressed frame must decode to. */
export interface FrameShape {
  readonly rows: number;
  readonly columns: number;
  /** Of a stored value: 8 or 16. */
  readonly bitsAllocated: number;
  readonly signed: boolean;
}

/** Compressions that need a codec from outside `core`, WebAssembly. */
export type CodecCompression = Exclude<Compression, "none" | "rle" | "deflate" | "jpegLossless">;

/** Decodes one frame; loads its codec when first asked. */
export interface FrameDecoder {
  /**
   * @returns `rows * columns` values, row by row
   * @throws anything when bytes are damaged; the caller puts it into words
   */
  decode(
    compression: CodecCompression,
    bytes: Uint8Array,
    shape: FrameShape,
  ): Promise<Uint8Array | Int8Array | Uint16Array | Int16Array>;
}
