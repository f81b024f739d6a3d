import type { VoxelArray } from "../volume/volume.ts";

/** A segment of a .seg.nrrd file. */
export interface NrrdSegment {
  readonly label: number;
  readonly name: string;
  /** Which volume of the file it is drawn in. */
  readonly layer: number;
}

/** Segments as 3D Slicer names them in the key/value pairs of a header. */
export function readNrrdSegments(keys: ReadonlyMap<string, string>): NrrdSegment[] {
  const segments: NrrdSegment[] = [];
  for (let index = 0; keys.has(`Segment${index}_ID`); index++) {
    const value = (name: string) => keys.get(`Segment${index}_${name}`);
    const label = Number(value("LabelValue") ?? index + 1);
    const layer = Number(value("Layer") ?? 0);
    if (!Number.isSafeInteger(label) || !Number.isSafeInteger(layer) || layer < 0) continue;
    segments.push({ label, layer, name: value("Name") ?? `Segment ${index + 1}` });
  }
  return segments;
}

/** Layers of segments as one array of labels. */
export interface MergedLayers {
  readonly voxels: Uint8Array | Uint16Array;
  readonly segments: readonly { readonly label: number; readonly name: string }[];
  /** Voxels in more than one segment; the last of them is kept. */
  readonly shared: number;
}

/**
 * Layers of a segmentation in one array. Labels stay where no two segments share one, else
 * segments are counted from 1.
 */
export function mergedLayers(
  layers: readonly VoxelArray[],
  segments: readonly NrrdSegment[],
): MergedLayers {
  const isUnique = new Set(segments.map(({ label }) => label)).size === segments.length;
  const named = segments.map(({ label, name }, index) => ({
    label: isUnique ? label : index + 1,
    name,
  }));
  const largest = Math.max(...named.map(({ label }) => label));
  const voxels = new (largest > 255 ? Uint16Array : Uint8Array)(layers[0]?.length ?? 0);
  let shared = 0;
  for (const [index, { layer, label }] of segments.entries()) {
    const own = layers[layer];
    const written = named[index]?.label as number;
    for (let at = 0; own && at < voxels.length; at++) {
      if (own[at] !== label) continue;
      if (voxels[at] !== 0) shared++;
      voxels[at] = written;
    }
  }
  return { voxels, segments: named, shared };
}
