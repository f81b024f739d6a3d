import { messageOf, PlannerError } from "../../errors.ts";
import type { VoxelArray } from "../../volume/volume.ts";
import { inflate } from "../inflate.ts";
import { storedVoxels } from "../storedVoxels.ts";
import { codestreamSize } from "./codestream.ts";
import type { DicomFile, PixelData } from "./dataSet.ts";
import type { CodecCompression, FrameDecoder } from "./frameDecoder.ts";
import { decodeLosslessJpeg } from "./losslessJpeg.ts";
import { type PixelFormat, readPixelFormat } from "./pixelFormat.ts";
import { decodeRle } from "./rle.ts";
import { syntaxName, transferSyntaxes } from "./transferSyntaxes.ts";

/** The frames of a file; each is decoded when asked for. */
export interface PixelFrames {
  readonly format: PixelFormat;
  /** Stored values of a frame, row by row: of BINARY segmentations 0 and 1. */
  frame(index: number): Promise<VoxelArray>;
}

/** A codec's output that one byte of input may stand for at most; blank frames shrink most. */
const MAX_EXPANSION = 2 ** 14;

/**
 * The pixels of a file. No frame is allocated that the bytes of the file cannot fill.
 *
 * @throws PlannerError "format" when pixels are of a kind that is not read or end early
 */
export function readPixelFrames(file: DicomFile, decoder: FrameDecoder): PixelFrames {
  const format = readPixelFormat(file);
  const { compression } = transferSyntaxes[file.transferSyntax] ?? { compression: "none" };
  const data = file.pixelData as PixelData;
  if (data.native) return nativeFrames(format, data.native, data.littleEndian);
  const { transferSyntax } = file;
  if (compression === "none") {
    throw new PlannerError(
      "format",
      `DICOM pixels must not be compressed in ${syntaxName(transferSyntax)}, got fragments`,
    );
  }
  const parts = frameParts(data, format.frames);
  return {
    format,
    frame: async (index) => {
      const bytes = parts[index] as Uint8Array;
      const values = await decodedFrame(bytes, format, compression, decoder, transferSyntax);
      return trimmed(values, compression === "rle" || compression === "deflate", format);
    },
  };
}

function nativeFrames(format: PixelFormat, native: Uint8Array, littleEndian: boolean): PixelFrames {
  const { rows, columns, frames, bitsAllocated } = format;
  const values = rows * columns;
  const needed = Math.ceil((values * frames * bitsAllocated) / 8);
  if (!(needed <= native.length)) {
    throw new PlannerError(
      "format",
      `DICOM pixels end early: ${frames} frames of ${rows} x ${columns} take ${needed} bytes, ` +
        `the file holds ${native.length}; copy the file again`,
    );
  }
  if (bitsAllocated === 1) {
    // Frames follow each other bit by bit; only the last ends on a byte.
    return {
      format,
      frame: (index) => Promise.resolve(unpackedBits(native, index * values, values)),
    };
  }
  const size = (values * bitsAllocated) / 8;
  return {
    format,
    frame: (index) => {
      const own = native.subarray(index * size, (index + 1) * size);
      return Promise.resolve(trimmed(storedVoxels(own, format.type, littleEndian), true, format));
    },
  };
}

/** Bits from the lowest of each byte on. */
function unpackedBits(bytes: Uint8Array, firstBit: number, count: number): Uint8Array {
  const values = new Uint8Array(count);
  for (let index = 0, bit = firstBit; index < count; index++, bit++) {
    values[index] = ((bytes[bit >>> 3] as number) >>> (bit & 7)) & 1;
  }
  return values;
}

/** The bytes of each frame; a frame may come in several fragments. */
function frameParts({ fragments, frameOffsets }: PixelData, frames: number): Uint8Array[] {
  if (frames === 1) return [joined(fragments.map(({ bytes }) => bytes))];
  if (fragments.length === frames) return fragments.map(({ bytes }) => bytes);
  if (frameOffsets.length !== frames) {
    throw new PlannerError(
      "format",
      `DICOM frames must be found by fragments or offsets, got ${frames} frames in ` +
        `${fragments.length} fragments with ${frameOffsets.length} offsets`,
    );
  }
  return frameOffsets.map((start, index) => {
    const end = frameOffsets[index + 1] ?? Number.POSITIVE_INFINITY;
    const own = fragments.filter(({ offset }) => offset >= start && offset < end);
    return joined(own.map(({ bytes }) => bytes));
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function decodedFrame(
  bytes: Uint8Array,
  format: PixelFormat,
  compression: "rle" | "deflate" | "jpegLossless" | CodecCompression,
  decoder: FrameDecoder,
  transferSyntax: string,
): Promise<VoxelArray> {
  const { rows, columns, bitsAllocated, type } = format;
  const values = rows * columns;
  const bytesPerValue = Math.max(1, bitsAllocated >> 3);
  if (compression === "rle" || compression === "deflate") {
    // Bits of segmentations stay packed, frame by frame.
    const size = Math.ceil((values * bitsAllocated) / 8);
    const plain =
      compression === "rle"
        ? decodeRle(bytes, size / bytesPerValue, bytesPerValue)
        : inflate(bytes, "raw", size + 1);
    if (plain.length < size) throw tooShort(size, plain.length);
    if (bitsAllocated === 1) return unpackedBits(plain, 0, values);
    return storedVoxels(plain.subarray(0, size), type, true);
  }
  requireSize(bytes, format, transferSyntax);
  if (compression === "jpegLossless") return decodeLosslessJpeg(bytes);
  try {
    const decoded = await decoder.decode(compression, bytes, format);
    if (decoded.length !== values) throw tooShort(values, decoded.length);
    return decoded;
  } catch (error) {
    if (error instanceof PlannerError) throw error;
    throw new PlannerError(
      "format",
      `DICOM pixels (${syntaxName(transferSyntax)}) cannot be decoded (${messageOf(error).slice(0, 120)}); ` +
        "copy the file again or convert it to explicit VR little endian",
      { cause: error },
    );
  }
}

function tooShort(needed: number, got: number): PlannerError {
  return new PlannerError(
    "format",
    `DICOM frame must decode to ${needed} values, got ${got}; copy the file again`,
  );
}

/** Codecs allocate what a codestream says of itself. */
function requireSize(bytes: Uint8Array, format: PixelFormat, transferSyntax: string): void {
  const { rows, columns, bitsAllocated } = format;
  const size = codestreamSize(bytes);
  const isRight = size?.rows === rows && size.columns === columns && size.samples === 1;
  if (!isRight) {
    const got = size ? `${size.rows} x ${size.columns}, ${size.samples} samples` : "no image";
    throw new PlannerError(
      "format",
      `DICOM frame (${syntaxName(transferSyntax)}) must hold ${rows} x ${columns} values, got ${got}`,
    );
  }
  if (bitsAllocated === 1 || bitsAllocated === 32) {
    throw new PlannerError(
      "format",
      `DICOM frame (${syntaxName(transferSyntax)}) must have 8 or 16 bits allocated, got ${bitsAllocated}`,
    );
  }
  if (rows * columns * 2 > bytes.length * MAX_EXPANSION) {
    throw new PlannerError(
      "format",
      `DICOM frame of ${rows} x ${columns} values must take more than ${bytes.length} bytes`,
    );
  }
}

/**
 * Values without the bits beside those stored, signs extended. What codecs decode has its
 * values in the low bits already.
 */
function trimmed(values: VoxelArray, isPlaced: boolean, format: PixelFormat): VoxelArray {
  const { bitsAllocated, bitsStored, highBit, signed, type } = format;
  if (bitsAllocated === 1 || bitsAllocated === 32) return values;
  const own =
    type === "uint8" || type === "int8" ? bytesOf(values, signed) : shortsOf(values, signed);
  if (bitsStored === bitsAllocated) return own;
  const up = 32 - bitsStored - (isPlaced ? highBit - bitsStored + 1 : 0);
  const down = 32 - bitsStored;
  for (let index = 0; index < own.length; index++) {
    const moved = (own[index] as number) << up;
    own[index] = signed ? moved >> down : moved >>> down;
  }
  return own;
}

function bytesOf(values: VoxelArray, signed: boolean): VoxelArray {
  return signed ? Int8Array.from(values) : Uint8Array.from(values);
}

function shortsOf(values: VoxelArray, signed: boolean): VoxelArray {
  if (signed) return values instanceof Int16Array ? values : Int16Array.from(values);
  return values instanceof Uint16Array ? values : Uint16Array.from(values);
}
