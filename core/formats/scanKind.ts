import { isDicom } from "./dicom/dataSet.ts";

/** What a file is taken for. */
export type ScanKind = "nifti" | "niftiPair" | "nrrd" | "metaImage" | "dicom" | "data" | null;

const endings: readonly (readonly [RegExp, ScanKind])[] = [
  [/\.nii(\.gz)?$/i, "nifti"],
  [/\.hdr(\.gz)?$/i, "niftiPair"],
  [/\.(nrrd|nhdr)$/i, "nrrd"],
  [/\.(mha|mhd)$/i, "metaImage"],
  [/\.(dcm|dicom)$/i, "dicom"],
  [/\.(img|raw|zraw)(\.gz)?$/i, "data"],
];

/**
 * What a file is by the end of its name, or by its first bytes where the name says nothing:
 * DICOM files often have no ending. "data" are voxels whose header is another file; null is
 * nothing that is read.
 */
export function scanKindOf(path: string, head: Uint8Array): ScanKind {
  if (isDicom(head)) return "dicom";
  return endings.find(([ending]) => ending.test(path))?.[1] ?? null;
}

/** Files that systems add beside those of people. */
export function isSystemFile(path: string): boolean {
  return path.split("/").some((part) => /^\.[^.]/.test(part) || part === "__MACOSX");
}
