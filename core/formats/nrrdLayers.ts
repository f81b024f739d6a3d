import { type NrrdImage, type NrrdOptions, readNrrd } from "./nrrd.ts";
import { mergedLayers } from "./nrrdSegments.ts";

/** An NRRD file whose layers of segments, if it has any, are one volume of labels. */
export interface NrrdLayers extends Omit<NrrdImage, "segments"> {
  readonly segments: readonly { readonly label: number; readonly name: string }[];
}

/** The first volume of an NRRD file, or all layers of a segmentation in one. */
export function readNrrdLayers(bytes: Uint8Array, options: NrrdOptions = {}): NrrdLayers {
  const first = readNrrd(bytes, { ...options, frame: 0 });
  const { segments, frames, notes, volume } = first;
  if (segments.length === 0 || frames === 1) return first;
  const layers = Array.from({ length: frames }, (_, frame) =>
    frame === 0 ? volume.voxels : readNrrd(bytes, { ...options, frame }).volume.voxels,
  );
  const merged = mergedLayers(layers, segments);
  const overlap = `segments overlap in ${merged.shared} voxels: the last of them is kept`;
  return {
    ...first,
    volume: { ...volume, voxels: merged.voxels },
    frames: 1,
    segments: merged.segments,
    notes: merged.shared > 0 ? [...notes, overlap] : notes,
  };
}
