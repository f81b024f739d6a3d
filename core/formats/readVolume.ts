import type { Volume } from "../volume/volume.ts";
import { isMetaImage, readMetaImage } from "./metaImage.ts";
import { readNifti } from "./nifti.ts";
import { isNrrd } from "./nrrdHeader.ts";
import { readNrrdLayers } from "./nrrdLayers.ts";

/** A volume of a file that stands alone, whatever its format. */
export interface VolumeFile {
  /** In the order of the file. */
  readonly volume: Volume;
  /** As stored, before scaling. */
  readonly dataType: string;
  /** Whether the file says how it lies in space. */
  readonly isPlaced: boolean;
  /** Volumes in the file; the first was read. */
  readonly frames: number;
  readonly notes: readonly string[];
  /** Slope and intercept that turned stored integers into values; absent: none. */
  readonly scaling?: Scaling | null;
  /** A mask whose absent places are background, as frames of a DICOM SEG; absent: no. */
  readonly isSparse?: true;
}

/** value = stored * slope + intercept */
export interface Scaling {
  readonly slope: number;
  readonly intercept: number;
}

/** Endings of the files that hold a volume, or its header. */
export const volumeEnding = /\.(nii(\.gz)?|nrrd|nhdr|mha|mhd|hdr(\.gz)?)$/i;

/**
 * The first volume of a NIfTI, NRRD or MetaImage file, told apart by their first bytes.
 * Layers of a segmentation become one volume of labels.
 *
 * @throws PlannerError "format" saying what is wrong with the file
 */
export function readVolume(bytes: Uint8Array): VolumeFile {
  if (isNrrd(bytes)) return readNrrdLayers(bytes);
  if (isMetaImage(bytes)) {
    return { ...readMetaImage(bytes, { frame: 0 }), isPlaced: true, notes: [] };
  }
  return readNifti(bytes, { frame: 0 });
}
