import type { Shape3, Spacing3 } from "../volume/grid.ts";
import type { Plane } from "../volume/orientation.ts";
import type { CohortSettings } from "./settings.ts";

/** A file as a folder lists it; reading its bytes is the business of the door it came through. */
export interface ListedFile {
  /** Path inside the folder, `/` between parts. */
  readonly path: string;
  readonly bytes: number;
  /** When it was changed last, milliseconds since 1970; absent where nobody knows. */
  readonly modified?: number;
}

/** Something wrong with a cohort, a case or a file, in words a person can act on. */
export interface Problem {
  /** `error`: the case cannot be used; `warning`: it can, but look at it. */
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Files it is about, paths inside the folder. */
  readonly paths: readonly string[];
}

/** Image and mask that belong together, before any byte was read. */
export interface Pair {
  /** Unique in its cohort. */
  readonly id: string;
  readonly patient: string;
  readonly image: string;
  /** null: an image without a mask */
  readonly mask: string | null;
  /** Images of the same place in files of their own (nnU-Net's channels), in order. */
  readonly channels?: readonly string[];
  /** Which volume of the image is used, from 0, where somebody chose; else the first. */
  readonly volume?: number;
  /** The plane its slices are taken in, where somebody chose; else axial. */
  readonly plane?: Plane;
  /** Left out of the cohort by choice; it is neither read nor used. */
  readonly excluded?: true;
}

/** Folder layouts that pairing recognises. */
export type Layout = "nnunet-or-msd" | "bids" | "images-labels" | "suffixes" | "dicom";

/** Volumes of a folder that a case may be made of, by the names that pairs use. */
export interface PairingChoices {
  readonly images: readonly string[];
  readonly masks: readonly string[];
}

/** What pairing makes of a list of files. */
export interface Pairing {
  readonly layout: Layout | null;
  readonly pairs: readonly Pair[];
  readonly problems: readonly Problem[];
  /** Names of labels where `dataset.json` gives them. */
  readonly labelNames: Readonly<Record<number, string>>;
  /** Label of voxels that nobody annotated (nnU-Net's `ignore`); null where there is none. */
  readonly ignoreLabel: number | null;
  readonly choices: PairingChoices;
}

/** What is known of a case once its files were read; no voxels. */
export interface CaseSummary {
  readonly id: string;
  readonly patient: string;
  readonly imagePath: string;
  readonly maskPath: string | null;
  /** Of the canonical grid, as trials see it; null when the image could not be read. */
  readonly shape: Shape3 | null;
  readonly spacing: Spacing3 | null;
  /** Axis codes, e.g. stored "LAS" (i, j, k towards left, anterior, superior). */
  readonly orientation: { readonly stored: string; readonly canonical: string } | null;
  /** As stored, e.g. "int16". */
  readonly dataType: string | null;
  readonly intensity: { readonly min: number; readonly max: number; readonly mean: number } | null;
  /** Voxels of each label of the mask, background 0 left out. */
  readonly labels: readonly { readonly label: number; readonly voxels: number }[];
  /** Hash of the voxels of image and mask; null when unread. */
  readonly fingerprint: string | null;
  readonly problems: readonly Problem[];
  /** Volumes (channels, time points) to choose from, where there are several. */
  readonly volumes?: number;
  /** Which of them was read, from 0; absent: the first. */
  readonly volume?: number;
  /** The plane its slices are taken in; absent: axial. */
  readonly plane?: Plane;
  /** Left out by choice. */
  readonly excluded?: true;
  /** As read, where preprocessing changes the grid. */
  readonly asRead?: AsRead;
  /** Hash of names, sizes and times of its files: the same hash is the same case. */
  readonly source?: string;
}

/** A case before its cohort's preprocessing. */
export interface AsRead {
  readonly shape: Shape3;
  readonly spacing: Spacing3;
  readonly labels: CaseSummary["labels"];
}

/** Cases that are studied together. Plain data without voxels: it is stored and shown. */
export interface Cohort {
  readonly id: string;
  readonly name: string;
  readonly layout: Layout | null;
  readonly labelNames: Readonly<Record<number, string>>;
  readonly cases: readonly CaseSummary[];
  /** Problems of files that belong to no case, or of the cohort as a whole. */
  readonly problems: readonly Problem[];
  /** Absent where nothing was ever changed. */
  readonly settings?: CohortSettings;
  /** Label of voxels that nobody annotated; absent: there is none. */
  readonly ignoreLabel?: number;
  readonly choices?: PairingChoices;
  /** Hash of names, sizes and times of all its files and of the settings. */
  readonly source?: string;
}

/** Whether a case can be used in trials: both files read, no error. */
export function isUsable(one: CaseSummary): boolean {
  return (
    !one.excluded &&
    one.shape !== null &&
    one.maskPath !== null &&
    !one.problems.some(({ severity }) => severity === "error")
  );
}

/** Share of a case's voxels that carry one of the labels, 0..1; null when unread. */
export function foregroundShare(one: CaseSummary, labels?: readonly number[]): number | null {
  if (!one.shape || one.maskPath === null) return null;
  const voxels = one.labels
    .filter(({ label }) => !labels || labels.includes(label))
    .reduce((sum, { voxels: count }) => sum + count, 0);
  return voxels / (one.shape[0] * one.shape[1] * one.shape[2]);
}
