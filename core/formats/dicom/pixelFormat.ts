import { PlannerError } from "../../errors.ts";
import type { VoxelType } from "../storedVoxels.ts";
import type { DicomFile } from "./dataSet.ts";

/** How one frame of a file stores its values. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsAllocated: 1 | 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** The smallest type that holds stored values. */
  readonly type: Extract<VoxelType, "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32">;
}

/**
 * The format of a file's pixels, checked.
 *
 * @throws PlannerError "format" when a value is missing or pixels are not one number each
 */
export function readPixelFormat(file: DicomFile): PixelFormat {
  if (!file.pixelData) throw wrong("PixelData (7FE0,0010) must be there, got none");
  const samples = file.uint16("x00280002") ?? 1;
  if (samples !== 1) throw wrong(`pixels must be one number each, got ${samples} (colour)`);
  const rows = sizeOf(file, "x00280010", "Rows");
  const columns = sizeOf(file, "x00280011", "Columns");
  const [frames = 1] = file.numbers("x00280008");
  if (!Number.isSafeInteger(frames) || frames < 1) {
    throw wrong(`NumberOfFrames must be a positive integer, got ${frames}`);
  }
  const bitsAllocated = file.uint16("x00280100");
  if (bitsAllocated !== 1 && bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw wrong(`BitsAllocated must be 1, 8, 16 or 32, got ${bitsAllocated ?? "none"}`);
  }
  const bitsStored = file.uint16("x00280101") ?? bitsAllocated;
  const highBit = file.uint16("x00280102") ?? bitsStored - 1;
  if (bitsStored < 1 || highBit >= bitsAllocated || highBit - bitsStored + 1 < 0) {
    throw wrong(
      `BitsStored and HighBit must lie within ${bitsAllocated} bits, got ${bitsStored} and ${highBit}`,
    );
  }
  const signed = file.uint16("x00280103") === 1;
  const size = bitsAllocated === 1 ? 8 : bitsAllocated;
  const type = `${signed ? "" : "u"}int${size}` as PixelFormat["type"];
  return { rows, columns, frames, bitsAllocated, bitsStored, highBit, signed, type };
}

function sizeOf(file: DicomFile, tag: string, name: string): number {
  const value = file.uint16(tag);
  if (value !== null && value > 0) return value;
  throw wrong(`${name} must be a positive integer, got ${value ?? "none"}`);
}

function wrong(rule: string): PlannerError {
  return new PlannerError("format", `DICOM ${rule}`);
}
