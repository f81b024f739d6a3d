import type { Volume } from "../volume/volume.ts";

/** A file that may hold a scan, or a part of one. */
export interface ScanFile {
  /** As people know it, `/` between parts. */
  readonly path: string;
  /** Whether someone named this very file: then it must be readable, else it is passed over. */
  readonly named: boolean;
  /** Its first bytes, 132 at least where there are so many. */
  head(): Promise<Uint8Array>;
  bytes(): Promise<Uint8Array>;
  /** Bytes of a file beside it by its name; null when there is none. */
  sibling(name: string): Promise<Uint8Array | null>;
}

/** A volume as read from files of any format. */
export interface Scan {
  readonly kind: "scan";
  /** The file, or the folder of the files of a series. */
  readonly path: string;
  readonly format: ScanFormat;
  /** Which of several volumes of the path it is, in words; null when it is the only one. */
  readonly part: string | null;
  /** In the order of the file. */
  readonly volume: Volume;
  /** As stored, before scaling. */
  readonly dataType: string;
  /** Named regions of a mask; null when the format does not know masks. */
  readonly segments: readonly { readonly label: number; readonly name: string }[] | null;
  readonly notes: readonly string[];
}

/** A file that cannot be read, and why. */
export interface ScanProblem {
  readonly kind: "problem";
  readonly severity: "error" | "warning";
  readonly path: string;
  readonly message: string;
}

export type ScanFormat =
  | "NIfTI-1"
  | "NIfTI-2"
  | "NRRD"
  | "MetaImage"
  | "DICOM"
  | "DICOM SEG"
  | "DICOM RTSTRUCT";
