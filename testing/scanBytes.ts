import { stepOf } from "#core/volume/affine.ts";
import { worldOf } from "#core/volume/grid.ts";
import type { Volume } from "#core/volume/volume.ts";
import { type DicomElement, dicomBytes } from "./dicomBytes.ts";

type ShortVolume = Volume & { readonly voxels: Int16Array };

const columns = [0, 1, 2] as const;
const lps = ([x, y, z]: readonly number[]) => [-(x as number), -(y as number), z as number];
const bytesOf = (voxels: Int16Array) =>
  new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);

/** A volume as NRRD, raw. */
export function nrrdBytes({ shape, affine, voxels }: ShortVolume): Uint8Array {
  const vector = (values: readonly number[]) => `(${lps(values).join(",")})`;
  const header =
    "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\n" +
    `sizes: ${shape.toReversed().join(" ")}\n` +
    `space directions: ${columns.map((column) => vector(stepOf(affine, column))).join(" ")}\n` +
    `endian: little\nencoding: raw\nspace origin: ${vector(worldOf(affine, 0, 0, 0))}\n\n`;
  return new Uint8Array(Buffer.concat([Buffer.from(header), bytesOf(voxels)]));
}

/** A volume as MetaImage (.mha); its axes must be at right angles. */
export function metaImageBytes({ shape, spacing, affine, voxels }: ShortVolume): Uint8Array {
  const matrix = columns.flatMap((column) => {
    const mm = spacing[2 - column] as number;
    return lps(stepOf(affine, column)).map((value) => value / mm);
  });
  const header =
    "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n" +
    `TransformMatrix = ${matrix.join(" ")}\nOffset = ${lps(worldOf(affine, 0, 0, 0)).join(" ")}\n` +
    `ElementSpacing = ${spacing.toReversed().join(" ")}\nDimSize = ${shape.toReversed().join(" ")}\n` +
    "ElementType = MET_SHORT\nElementDataFile = LOCAL\n";
  return new Uint8Array(Buffer.concat([Buffer.from(header), bytesOf(voxels)]));
}

/** A volume as the files of a DICOM series, one per slice; its axes must be at right angles. */
export function dicomSeriesBytes(
  { shape, spacing, affine, voxels }: ShortVolume,
  more: readonly DicomElement[] = [],
): Uint8Array[] {
  const [depth, height, width] = shape;
  const direction = (column: 0 | 1) =>
    lps(stepOf(affine, column)).map((value) => value / (spacing[2 - column] as number));
  const text = (values: readonly number[]) => values.map((value) => value.toFixed(9)).join("\\");
  return Array.from({ length: depth }, (_, slice) => {
    const size = height * width;
    const own = new Set(more.map(([tag]) => tag));
    const series = more.find(([tag]) => tag === 0x0020000e)?.[2] ?? "1.2.3";
    return dicomBytes([
      ...dicomImage(height, width).filter(([tag]) => !own.has(tag)),
      ...more,
      [0x00080018, "UI", `${series}.${slice + 1}`],
      [0x00200013, "IS", `${slice + 1}`],
      [0x00200032, "DS", text(lps(worldOf(affine, slice, 0, 0)))],
      [0x00200037, "DS", text([...direction(0), ...direction(1)])],
      [0x00280030, "DS", text([spacing[1], spacing[2]])],
      [0x00180088, "DS", text([spacing[0]])],
      [0x7fe00010, "OW", bytesOf(voxels.slice(slice * size, (slice + 1) * size))],
    ]);
  });
}

/** What every image of signed 16-bit values says. */
export function dicomImage(rows: number, columnCount: number): DicomElement[] {
  return [
    [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"],
    [0x0020000e, "UI", "1.2.3"],
    [0x00280002, "US", 1],
    [0x00280010, "US", rows],
    [0x00280011, "US", columnCount],
    [0x00280100, "US", 16],
    [0x00280101, "US", 16],
    [0x00280102, "US", 15],
    [0x00280103, "US", 1],
  ];
}
