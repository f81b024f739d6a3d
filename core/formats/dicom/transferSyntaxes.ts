/** How the voxels of a file are compressed. */
export type Compression =
  | "none"
  | "rle"
  | "deflate"
  | "jpeg"
  | "jpegLossless"
  | "jpegLs"
  | "jpeg2000"
  | "htj2k";

interface TransferSyntax {
  readonly name: string;
  readonly compression: Compression;
  readonly littleEndian: boolean;
}

const syntax = (name: string, compression: Compression, littleEndian = true): TransferSyntax => ({
  name,
  compression,
  littleEndian,
});

/** Transfer syntaxes that are read, by UID. Source: DICOM PS3.6, table A-1. */
export const transferSyntaxes: Readonly<Record<string, TransferSyntax>> = {
  "1.2.840.10008.1.2": syntax("Implicit VR Little Endian", "none"),
  "1.2.840.10008.1.2.1": syntax("Explicit VR Little Endian", "none"),
  "1.2.840.10008.1.2.1.99": syntax("Deflated Explicit VR Little Endian", "none"),
  "1.2.840.10008.1.2.2": syntax("Explicit VR Big Endian", "none", false),
  "1.2.840.10008.1.2.5": syntax("RLE Lossless", "rle"),
  "1.2.840.10008.1.2.8.1": syntax("Deflated Image Frame Compression", "deflate"),
  "1.2.840.10008.1.2.4.50": syntax("JPEG Baseline", "jpeg"),
  "1.2.840.10008.1.2.4.57": syntax("JPEG Lossless", "jpegLossless"),
  "1.2.840.10008.1.2.4.70": syntax("JPEG Lossless, first-order prediction", "jpegLossless"),
  "1.2.840.10008.1.2.4.80": syntax("JPEG-LS Lossless", "jpegLs"),
  "1.2.840.10008.1.2.4.81": syntax("JPEG-LS Near-Lossless", "jpegLs"),
  "1.2.840.10008.1.2.4.90": syntax("JPEG 2000 Lossless", "jpeg2000"),
  "1.2.840.10008.1.2.4.91": syntax("JPEG 2000", "jpeg2000"),
  "1.2.840.10008.1.2.4.201": syntax("High-Throughput JPEG 2000 Lossless", "htj2k"),
  "1.2.840.10008.1.2.4.202": syntax("High-Throughput JPEG 2000 RPCL Lossless", "htj2k"),
  "1.2.840.10008.1.2.4.203": syntax("High-Throughput JPEG 2000", "htj2k"),
};

const lossy = new Set([
  "1.2.840.10008.1.2.4.50",
  "1.2.840.10008.1.2.4.81",
  "1.2.840.10008.1.2.4.91",
  "1.2.840.10008.1.2.4.203",
]);

const refused: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.4.51": "JPEG Extended (12 bit)",
  "1.2.840.10008.1.2.4.100": "MPEG2 Main Profile",
  "1.2.840.10008.1.2.4.102": "MPEG-4 AVC/H.264",
  "1.2.840.10008.1.2.4.103": "MPEG-4 AVC/H.264 BD-compatible",
  "1.2.840.10008.1.2.4.107": "HEVC/H.265 Main Profile",
  "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
  "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
  "1.2.840.10008.1.2.4.112": "JPEG XL",
};

export function isKnownSyntax(uid: string): boolean {
  return Object.hasOwn(transferSyntaxes, uid);
}

/** Whether values may differ from what the scanner measured. */
export function isLossySyntax(uid: string): boolean {
  return lossy.has(uid);
}

/** Name and UID of a transfer syntax, for people. */
export function syntaxName(uid: string): string {
  const name = isKnownSyntax(uid) ? transferSyntaxes[uid]?.name : refused[uid];
  return name ? `${name} (${uid})` : uid.slice(0, 64) || "none";
}
