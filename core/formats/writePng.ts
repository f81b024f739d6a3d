import { zlibSync } from "fflate";
import { PlannerError } from "../errors.ts";
import { crc32 } from "./crc32.ts";

/**
 * A grey image as a PNG file, 8 bits, no alpha.
 *
 * @param grey - [height, width], row-major, 0 black
 * @throws PlannerError "argument" when the pixels do not fill the image
 *
 * Source: W3C, Portable Network Graphics (third edition).
 */
export function writePng(grey: Uint8Array, height: number, width: number): Uint8Array {
  if (grey.length !== height * width || height < 1 || width < 1) {
    throw new PlannerError(
      "argument",
      `grey must have ${height} x ${width} pixels, got ${grey.length}`,
    );
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits; colour type 0 is grey
  // Every row starts with its filter; 0 is none.
  const rows = new Uint8Array(height * (width + 1));
  for (let row = 0; row < height; row++) {
    rows.set(grey.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(rows)),
    chunk("IEND", new Uint8Array()),
  ];
  const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  const part = new Uint8Array(12 + content.length);
  const view = new DataView(part.buffer);
  view.setUint32(0, content.length);
  part.set(
    [...name].map((letter) => letter.charCodeAt(0)),
    4,
  );
  part.set(content, 8);
  view.setUint32(8 + content.length, crc32(part.subarray(4, 8 + content.length)));
  return part;
}
