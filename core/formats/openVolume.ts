import { detachedFile, voxelsOfHeader } from "./companionFiles.ts";
import { isMetaImage, metaImageDataFile, readMetaImage } from "./metaImage.ts";
import { readNifti } from "./nifti.ts";
import { nrrdDataFile, readNrrd } from "./nrrd.ts";
import { isNrrd } from "./nrrdHeader.ts";
import { readNrrdLayers } from "./nrrdLayers.ts";
import type { VolumeFile } from "./readVolume.ts";
import type { ScanFile } from "./scan.ts";

/** A file that holds a volume, alone or with the file its header names. */
export type VolumeFiles = Pick<ScanFile, "path" | "bytes" | "sibling">;

/** Names of headers whose voxels lie in another file. */
const pairHeader = /\.hdr(\.gz)?$/i;

/**
 * A volume of a NIfTI, NRRD or MetaImage file, told apart by their first bytes; headers
 * (.hdr, .nhdr, .mhd) bring the file beside them. Layers of a segmentation become one volume.
 *
 * @param frame - which volume of several, from 0; absent: the first, layers joined
 * @throws PlannerError "format" saying what is wrong with the file
 */
export async function openVolume(file: VolumeFiles, frame?: number): Promise<VolumeFile> {
  const bytes = await file.bytes();
  const chosen = { frame: frame ?? 0 };
  if (isNrrd(bytes)) {
    const data = await detachedFile(file, nrrdDataFile(bytes));
    const options = data ? { data } : {};
    if (frame === undefined) return readNrrdLayers(bytes, options);
    return readNrrd(bytes, { ...options, ...chosen });
  }
  if (isMetaImage(bytes)) {
    const data = await detachedFile(file, metaImageDataFile(bytes));
    const image = readMetaImage(bytes, data ? { data, ...chosen } : chosen);
    return { ...image, isPlaced: true, notes: [] };
  }
  if (!pairHeader.test(file.path)) return readNifti(bytes, chosen);
  return readNifti(bytes, { ...chosen, voxels: await voxelsOfHeader(file) });
}
