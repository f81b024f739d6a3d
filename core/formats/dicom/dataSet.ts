import type { DataSet, Element } from "dicom-parser";
import * as dicomParser from "dicom-parser";
import { PlannerError } from "../../errors.ts";
import { MAX_INFLATED_BYTES } from "../gunzip.ts";
import { inflate } from "../inflate.ts";
import { isKnownSyntax, syntaxName, transferSyntaxes } from "./transferSyntaxes.ts";

// The package is CommonJS: Node puts everything on `default`, bundlers do not.
const { parseDicom } = (dicomParser as { default?: typeof dicomParser }).default ?? dicomParser;

/** Values of a DICOM data set by tag, written x and eight hex digits. */
export interface DicomValues {
  /** Text of a value without padding; "" when there is none. */
  text(tag: string): string;
  /** Numbers written as text (DS, IS); none when absent. @throws PlannerError when one is no number */
  numbers(tag: string): number[];
  /** An unsigned integer of 16 bits (US); null when there is none. */
  uint16(tag: string): number | null;
  /** An unsigned integer of 32 bits (UL) by index; null when there is none. */
  uint32(tag: string, index?: number): number | null;
  /** A 64-bit float (FD); null when there is none. */
  double(tag: string): number | null;
  /** Items of a sequence; none when absent. */
  items(tag: string): DicomValues[];
  /** The first item of a sequence; null when there is none. */
  item(tag: string): DicomValues | null;
}

/** A DICOM file, its voxels not yet decoded. */
export interface DicomFile extends DicomValues {
  readonly transferSyntax: string;
  /** PixelData (7FE0,0010); null when there is none. */
  readonly pixelData: PixelData | null;
}

/** Where the voxels of a file lie. */
export interface PixelData {
  readonly littleEndian: boolean;
  /** All bytes of voxels that are not compressed, or the pieces of a compressed stream. */
  readonly native: Uint8Array | null;
  readonly fragments: readonly Fragment[];
  /** Where frames begin in the compressed stream; empty when the file does not say. */
  readonly frameOffsets: readonly number[];
}
interface Fragment {
  /** From the first fragment's item tag. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Whether bytes are a DICOM file: "DICM" after a preamble of 128 bytes. */
export function isDicom(bytes: Uint8Array): boolean {
  return [0x44, 0x49, 0x43, 0x4d].every((byte, index) => bytes[128 + index] === byte);
}

/**
 * The data set of a DICOM file (part 10). Nothing is decoded; a deflated data set is inflated.
 *
 * @throws PlannerError "format" when it is no DICOM file, is damaged or uses a transfer syntax
 *   that is not known
 *
 * Source: DICOM PS3.10 and PS3.5.
 */
export function readDicomFile(bytes: Uint8Array): DicomFile {
  if (!isDicom(bytes)) {
    throw new PlannerError("format", "file must be DICOM (DICM at byte 128), got other bytes");
  }
  const set = parsed(bytes);
  const transferSyntax = set.string("x00020010") ?? "";
  requireKnown(transferSyntax);
  const element = set.elements[PIXEL_DATA];
  const pixelData = element ? pixelDataOf(set, element, transferSyntax) : null;
  return { ...valuesOf(set), transferSyntax, pixelData };
}

/**
 * What a DICOM file says before its pixels, from as many of its first bytes as that takes; the
 * voxels of the answer are absent.
 *
 * @param bytes - the beginning of a file
 * @param isWhole - `bytes` are all there is
 * @returns null when more bytes are needed
 * @throws PlannerError "format" as `readDicomFile`, once the whole file is there
 */
export function readDicomHead(bytes: Uint8Array, isWhole: boolean): DicomFile | null {
  try {
    const set = parsed(bytes, PIXEL_DATA);
    const element = set.elements[PIXEL_DATA];
    if (!element && !isWhole) return null;
    const transferSyntax = set.string("x00020010") ?? "";
    requireKnown(transferSyntax);
    const pixelData = element ? noPixels : null;
    return { ...valuesOf(set), transferSyntax, pixelData };
  } catch (error) {
    if (isWhole || isUnknownSyntax(error)) throw error;
    return null;
  }
}

const PIXEL_DATA = "x7fe00010";
const noPixels: PixelData = {
  littleEndian: true,
  native: new Uint8Array(),
  fragments: [],
  frameOffsets: [],
};

function requireKnown(transferSyntax: string): void {
  if (isKnownSyntax(transferSyntax)) return;
  throw new PlannerError(
    "format",
    `${UNKNOWN_SYNTAX}, got ${syntaxName(transferSyntax)}; ` +
      "convert it to explicit VR little endian",
  );
}

const UNKNOWN_SYNTAX = "DICOM transfer syntax must be one of those that are read";

function isUnknownSyntax(error: unknown): boolean {
  return error instanceof PlannerError && error.message.startsWith(UNKNOWN_SYNTAX);
}

function parsed(bytes: Uint8Array, untilTag?: string): DataSet {
  const until = untilTag === undefined ? {} : { untilTag };
  try {
    return parseDicom(bytes, { inflater: inflated as never, ...until });
  } catch (error) {
    if (error instanceof PlannerError) throw error;
    throw new PlannerError(
      "format",
      `DICOM data is damaged or ends early (${wordsOf(error)}); copy the file again`,
      { cause: error },
    );
  }
}

/** The parser throws texts, errors and objects around them. */
function wordsOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "exception" in error) {
    return wordsOf(error.exception);
  }
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^dicomParser\.\w+: /, "").slice(0, 120);
}

/** The whole file with the deflated part inflated in its place. */
function inflated(bytes: Uint8Array, start: number): Uint8Array {
  const body = inflate(bytes.subarray(start), "raw", MAX_INFLATED_BYTES);
  const whole = new Uint8Array(start + body.length);
  whole.set(bytes.subarray(0, start));
  whole.set(body, start);
  return whole;
}

function valuesOf(set: DataSet): DicomValues {
  const has = (tag: string, size: number, index = 0) =>
    (set.elements[tag]?.length ?? 0) >= size * (index + 1);
  const items = (tag: string) =>
    (set.elements[tag]?.items ?? []).flatMap(({ dataSet }) => (dataSet ? [valuesOf(dataSet)] : []));
  return {
    text: (tag) => textOf(set, tag),
    numbers: (tag) => numbersOf(tag, textOf(set, tag)),
    uint16: (tag) => (has(tag, 2) ? (set.uint16(tag) ?? null) : null),
    uint32: (tag, index = 0) => (has(tag, 4, index) ? (set.uint32(tag, index) ?? null) : null),
    double: (tag) => (has(tag, 8) ? (set.double(tag) ?? null) : null),
    items,
    item: (tag) => items(tag)[0] ?? null,
  };
}

function textOf(set: DataSet, tag: string): string {
  try {
    return (set.string(tag) ?? "").replace(/[\0 ]+$/, "");
  } catch (error) {
    throw new PlannerError("format", `DICOM ${named(tag)} cannot be read; copy the file again`, {
      cause: error,
    });
  }
}

function numbersOf(tag: string, text: string): number[] {
  if (text.trim() === "") return [];
  const values = text.split("\\").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (values.every(Number.isFinite)) return values;
  throw new PlannerError(
    "format",
    `DICOM ${named(tag)} must be finite numbers, got ${text.slice(0, 60)}`,
  );
}

/** "x00280010" as "(0028,0010)". */
function named(tag: string): string {
  return `(${tag.slice(1, 5)},${tag.slice(5)})`.toUpperCase();
}

function pixelDataOf(set: DataSet, element: Element, transferSyntax: string): PixelData {
  const whole = set.byteArray as Uint8Array;
  const part = (start: number, length: number) => whole.subarray(start, start + length);
  const { littleEndian } = transferSyntaxes[transferSyntax] ?? { littleEndian: true };
  if (!element.encapsulatedPixelData) {
    const native = part(element.dataOffset, element.length);
    return { littleEndian, native, fragments: [], frameOffsets: [] };
  }
  const fragments = (element.fragments ?? []).map(({ offset, position, length }) => ({
    offset,
    bytes: part(position, length),
  }));
  return { littleEndian, native: null, fragments, frameOffsets: element.basicOffsetTable ?? [] };
}
