/** A value of a DICOM element: text, numbers of 16 bits, bytes, or items of a sequence. */
export type DicomElement =
  | readonly [tag: number, vr: "UI" | "DS" | "IS" | "CS" | "LO", value: string]
  | readonly [tag: number, vr: "US", value: number]
  | readonly [tag: number, vr: "OB" | "OW", value: Uint8Array]
  | readonly [tag: number, vr: "SQ", items: readonly (readonly DicomElement[])[]];

/** A DICOM file, explicit VR little endian unless its pixels are compressed. */
export function dicomBytes(
  elements: readonly DicomElement[],
  transferSyntax = "1.2.840.10008.1.2.1",
): Uint8Array {
  const meta = encoded([[0x00020010, "UI", transferSyntax]]);
  const head = Buffer.alloc(132);
  head.write("DICM", 128);
  return new Uint8Array(Buffer.concat([head, meta, encoded(elements)]));
}

/** Compressed frames as the value of PixelData; give it to `dicomBytes` as the last element. */
export function withFragments(file: Uint8Array, frames: readonly Uint8Array[]): Uint8Array {
  const item = (bytes: Uint8Array) => {
    const even = Buffer.alloc(bytes.length + (bytes.length % 2));
    even.set(bytes);
    const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
    head.writeUInt32LE(even.length, 4);
    return Buffer.concat([head, even]);
  };
  const pixelData = Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  const parts = [file, pixelData, item(new Uint8Array()), ...frames.map(item), end];
  return new Uint8Array(Buffer.concat(parts));
}

function encoded(elements: readonly DicomElement[]): Buffer {
  const sorted = elements.toSorted(([a], [b]) => a - b);
  return Buffer.concat(sorted.map(element));
}

function element([tag, vr, value]: DicomElement): Buffer {
  const bytes = valueBytes(vr, value);
  const isLong = vr === "OB" || vr === "OW" || vr === "SQ";
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4);
  if (isLong) head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

function valueBytes(vr: string, value: DicomElement[2]): Buffer {
  if (typeof value === "number") return Buffer.from([value & 0xff, value >> 8]);
  if (typeof value === "string") {
    const padding = vr === "UI" ? "\0" : " ";
    return Buffer.from(value.length % 2 === 0 ? value : value + padding, "latin1");
  }
  if (value instanceof Uint8Array) return Buffer.concat([value, Buffer.alloc(value.length % 2)]);
  const items = (value as readonly (readonly DicomElement[])[]).map((item) => {
    const body = encoded(item);
    const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body]);
  });
  return Buffer.concat(items);
}
