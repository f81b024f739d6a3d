import type { ListedFile } from "./cohort.ts";

/** Endings of files that are no DICOM. */
const notDicom =
  /\.(nii(\.gz)?|nrrd|nhdr|mha|mhd|hdr(\.gz)?|img(\.gz)?|raw|zraw|gz|zip|json|csv|tsv|txt|md|pdf|png|jpe?g|xml|html?)$/i;

/** Hidden files, and the table of contents of a DICOM disk. */
const passedOver = /(^|\/)(\.[^/]*|__MACOSX\/.*|DICOMDIR)$|(^|\/)\.[^/]+\//;

/** Whether a file may be DICOM, by its name: such files often have no ending. */
export function mayBeDicom({ path, bytes }: ListedFile): boolean {
  return bytes > 132 && !notDicom.test(path) && !passedOver.test(path);
}
