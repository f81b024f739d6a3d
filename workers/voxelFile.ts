import { PlannerError } from "#core/errors.ts";
import { crc32 } from "#core/formats/crc32.ts";
import { hashText } from "#core/hash.ts";
import type { Affine, Shape3, Spacing3 } from "#core/volume/grid.ts";
import { voxelCount } from "#core/volume/grid.ts";
import { packVoxels, unpackVoxels, type VoxelScale } from "#core/volume/packVoxels.ts";
import type { Volume, VoxelArray } from "#core/volume/volume.ts";

/** A case on its canonical grid, as it was read: image and labels. */
export interface StoredCase {
  readonly image: Volume;
  /** On the image's grid, row-major [depth, height, width]. */
  readonly labels: VoxelArray;
  /** Slope and intercept that made the image's values of integers; absent: unknown. */
  readonly scaling?: VoxelScale | null;
}

const arrays = {
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
} as const;
type ArrayName = keyof typeof arrays;

interface Header {
  readonly version: 1 | 2;
  readonly shape: Shape3;
  readonly spacing: Spacing3;
  readonly affine: Affine;
  /** As stored; smaller than the image's own where that loses nothing. */
  readonly image: ArrayName;
  /** The image's own type and what its stored values are multiplied by; absent: as stored. */
  readonly packed?: { readonly own: ArrayName; readonly scale: VoxelScale | null };
  readonly labels: ArrayName;
  /** CRC-32 of image bytes, then label bytes. */
  readonly checksum: number;
}

/** "slicewisevoxels", 0 */
const magic = new TextEncoder().encode("slicewisevoxels\0");
/** Magic, header length (32 bit, little endian), its hash (16 hexadecimal digits). */
const PROLOGUE = magic.length + 4 + 16;
/** Arrays start at multiples of this. */
const ALIGNMENT = 8;

/**
 * A case as a file: magic, length and hash of a JSON header, the header, padding, image
 * voxels, padding, label voxels. Image voxels are packed into the smallest integers that give
 * them back exactly. Arrays are in the byte order of the machine, which is
 * little endian wherever browsers run.
 *
 * @returns the parts of the file in order; the arrays are not copied
 */
export function voxelFileParts({ image, labels, scaling = null }: StoredCase): Uint8Array[] {
  const { shape, spacing, affine, voxels } = image;
  const { stored, scale } = packVoxels(voxels, scaling);
  const [imageBytes, labelBytes] = [bytesOf(stored), bytesOf(labels)];
  const isPacked = stored !== voxels;
  const header: Header = {
    version: isPacked ? 2 : 1,
    shape,
    spacing,
    affine,
    image: stored[Symbol.toStringTag],
    ...(isPacked ? { packed: { own: voxels[Symbol.toStringTag], scale } } : {}),
    labels: labels[Symbol.toStringTag],
    checksum: crc32(labelBytes, crc32(imageBytes)),
  };
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const start = new Uint8Array(aligned(PROLOGUE + json.length));
  start.set(magic);
  new DataView(start.buffer).setUint32(magic.length, json.length, true);
  start.set(new TextEncoder().encode(hashText(text)), magic.length + 4);
  start.set(json, PROLOGUE);
  const gap = new Uint8Array(aligned(imageBytes.length) - imageBytes.length);
  return [start, imageBytes, gap, labelBytes];
}

/**
 * The case a file holds; its arrays are views of `file` but for what was packed.
 *
 * @throws PlannerError "storage" when the file is cut short or was changed
 */
export function parseVoxelFile(file: Uint8Array): StoredCase {
  // Views of arrays need an aligned start.
  const bytes = file.byteOffset % ALIGNMENT === 0 ? file : file.slice();
  const { header, end } = readHeader(bytes);
  const { shape, spacing, affine } = header;
  const count = voxelCount(shape);
  const imageAt = aligned(end);
  const imageLength = count * arrays[header.image].BYTES_PER_ELEMENT;
  const labelsAt = imageAt + aligned(imageLength);
  const labelsLength = count * arrays[header.labels].BYTES_PER_ELEMENT;
  if (bytes.length !== labelsAt + labelsLength) throw damaged("its length is wrong");
  const imageBytes = bytes.subarray(imageAt, imageAt + imageLength);
  const labelBytes = bytes.subarray(labelsAt);
  if (crc32(labelBytes, crc32(imageBytes)) !== header.checksum) {
    throw damaged("its checksum is wrong");
  }
  const stored = viewOf(header.image, imageBytes, count);
  const { packed } = header;
  const voxels = packed
    ? unpackVoxels({ stored, scale: packed.scale }, arrays[packed.own])
    : stored;
  return {
    image: { shape, spacing, affine, voxels },
    labels: viewOf(header.labels, labelBytes, count),
  };
}

function readHeader(bytes: Uint8Array): { header: Header; end: number } {
  if (bytes.length < PROLOGUE || !magic.every((byte, index) => bytes[index] === byte)) {
    throw damaged("its beginning is wrong");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = PROLOGUE + view.getUint32(magic.length, true);
  const decoder = new TextDecoder();
  const text = decoder.decode(bytes.subarray(PROLOGUE, end));
  const hash = decoder.decode(bytes.subarray(magic.length + 4, PROLOGUE));
  if (hashText(text) !== hash) throw damaged("its header is wrong");
  // The hash proves that the header is as it was written.
  return { header: JSON.parse(text) as Header, end };
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function bytesOf({ buffer, byteOffset, byteLength }: VoxelArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function viewOf(name: ArrayName, bytes: Uint8Array, count: number): VoxelArray {
  return new arrays[name](bytes.buffer as ArrayBuffer, bytes.byteOffset, count);
}

function damaged(why: string): PlannerError {
  return new PlannerError(
    "storage",
    `a stored volume is damaged (${why}); open the cohort's files again`,
  );
}
