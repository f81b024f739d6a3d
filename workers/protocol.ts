import type { Analysis } from "#core/analysis/analyse.ts";
import type { Cohort } from "#core/cohort/cohort.ts";
import type { CohortSettings } from "#core/cohort/settings.ts";
import type { DeviceChoice, DeviceReport } from "#core/experiment/device.ts";
import type { Split } from "#core/experiment/split.ts";
import type { Target } from "#core/experiment/target.ts";
import type { TrainingSettings, Trial } from "#core/experiment/trial.ts";
import type { DeviceSpeed, TrialProgress } from "#core/results/progress.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { PickRule } from "#core/selection/pickSlices.ts";
import type { KnownVolume, Selected } from "#core/selection/selectSlices.ts";
import type { CaseImage, MaskSource, MaskVoxels } from "#core/view/maskSource.ts";
import type { Thumbnail } from "#core/view/thumbnail.ts";
import type { Shape3, Spacing3 } from "#core/volume/grid.ts";
import type { Preprocessing } from "#core/volume/preprocessing.ts";

/** A file the page got from the user or from its own origin. */
export interface CohortFile {
  /** Path inside the dropped folder, `/` between parts. */
  readonly path: string;
  readonly file: Blob;
  /** When it was changed last, milliseconds since 1970; absent where nobody knows. */
  readonly modified?: number;
}

/** A slice to draw small. */
export interface ThumbnailWish {
  readonly caseId: string;
  /** Depth index. */
  readonly slice: number;
}

export interface ReadProgress {
  /** Cases read and to read. */
  readonly done: number;
  readonly total: number;
  /** Id of the case read last; "" while files are looked at. */
  readonly caseId: string;
  /** DICOM files are looked at, before anything is read; `done` and `total` count files. */
  readonly looking?: true;
}

/** A cohort that was read. */
export interface ReadCohort {
  readonly cohort: Cohort;
  /** Names that stand for files, and where those lie; for the page that has the files open. */
  readonly places: Readonly<Record<string, string>>;
  /** Cases whose files had not changed and were not read again. */
  readonly unchanged: number;
}

/** A slice in grey levels with its mask. */
export interface PreviewSlice {
  /** Of the volume it is from. */
  readonly shape: Shape3;
  /** mm */
  readonly spacing: Spacing3;
  /** 0 to 255, row-major [height, width], first row towards the front of the patient. */
  readonly pixels: Uint8Array;
  /** 1 inside the mask, same order. */
  readonly mask: Uint8Array;
  /** Values that black and white stand for. */
  readonly low: number;
  readonly high: number;
}

export interface CasePreview {
  readonly before: PreviewSlice;
  readonly after: PreviewSlice;
}

/** Bytes of this origin; null where the browser does not say. */
export interface StorageUse {
  readonly used: number | null;
  readonly quota: number | null;
  /** Of stored volumes. */
  readonly volumes: number;
  /** Volumes live in memory and are gone after a reload. */
  readonly inMemory: boolean;
}

/** Slices that are picked from and mapped. */
export interface SliceSource {
  readonly cohortId: string;
  /** Of the chosen volumes, in the order a trial takes them. */
  readonly caseIds: readonly string[];
  /** Labels of the target. */
  readonly labels: readonly number[];
}

/** Places and masks of a volume's slices. */
export type SlicesOfVolume = Omit<KnownVolume, "features">;

/** Every job a worker does: what goes in, what it reports, what comes out. */
export interface Jobs {
  /** Pairs, reads, orients and checks files, and stores the voxels in the browser. */
  readCohort: {
    input: {
      readonly name: string;
      readonly files: readonly CohortFile[];
      /** What was changed by hand; absent: what the folder's `cohort.json` says. */
      readonly settings?: CohortSettings | undefined;
      /** Cohorts whose volumes stay when the storage gets short: unfinished work. */
      readonly needed?: readonly string[];
    };
    progress: ReadProgress;
    output: ReadCohort;
  };
  /** The same cohort with other settings that need no file: patients, cases left out, preprocessing. */
  reviseCohort: {
    input: { readonly cohortId: string; readonly settings: CohortSettings };
    progress: ReadProgress;
    output: Cohort;
  };
  /** A case as it is read and as preprocessing would make it. */
  previewCase: {
    input: {
      readonly cohortId: string;
      readonly caseId: string;
      readonly preprocessing: Preprocessing;
    };
    progress: never;
    output: CasePreview;
  };
  /** What the browser lends and what is used of it. */
  storage: { input: Record<string, never>; progress: never; output: StorageUse };
  /** A cohort that was stored earlier; null when it or its voxels are gone. */
  openCohort: { input: { readonly cohortId: string }; progress: never; output: Cohort | null };
  /** Frees the storage of every cohort but these. */
  keepCohorts: { input: { readonly cohortIds: readonly string[] }; progress: never; output: null };

  /** The image of a stored case, ready to be shown. */
  viewCase: {
    input: { readonly cohortId: string; readonly caseId: string };
    progress: never;
    output: CaseImage;
  };
  /** A mask of a stored case, on its grid. */
  viewMask: {
    input: { readonly cohortId: string; readonly caseId: string; readonly source: MaskSource };
    progress: never;
    output: MaskVoxels;
  };
  /** Small pictures of slices, in the order asked for. */
  drawThumbnails: {
    input: {
      readonly cohortId: string;
      readonly slices: readonly ThumbnailWish[];
      /** Length of a picture's longer edge, pixels. */
      readonly side: number;
      /** Whether the reference lies over the image. */
      readonly withMask: boolean;
    };
    progress: never;
    output: readonly Thumbnail[];
  };

  /** The slices several strategies would have annotated, with diagnostics. */
  compareSelections: {
    input: {
      readonly source: SliceSource;
      readonly rules: readonly PickRule[];
      /** Of the trial that would pick the same. */
      readonly seed: number;
    };
    progress: { readonly done: number; readonly total: number };
    output: { readonly volumes: readonly SlicesOfVolume[]; readonly selected: readonly Selected[] };
  };
  /** A place in the plane for every slice, near those that look alike. */
  mapSlices: {
    input: {
      readonly source: SliceSource;
      /** By the two leading principal axes, or by keeping neighbours together. */
      readonly method: "pca" | "umap";
      readonly seed: number;
    };
    progress: { readonly done: number; readonly total: number };
    /** [slices of all volumes, 2] */
    output: { readonly places: Float32Array<ArrayBuffer> };
  };

  /** What results say; the bootstraps take seconds. */
  analyse: {
    input: { readonly results: readonly TrialResult[] };
    progress: never;
    output: Analysis;
  };

  /** Looks for devices; starts none. */
  probeDevices: { input: { readonly choice: DeviceChoice }; progress: never; output: DeviceReport };
  /** Starts the chosen device and checks it; the report says when another took its place. */
  checkDevice: { input: { readonly choice: DeviceChoice }; progress: never; output: DeviceReport };
  /** Runs a few steps and predictions of the size a trial has. */
  calibrate: {
    input: {
      readonly choice: DeviceChoice;
      readonly training: TrainingSettings;
      readonly network: Trial["configuration"]["network"];
      /** Background included. */
      readonly classes: number;
      /** Of a volume to predict. */
      readonly shape: Shape3;
    };
    progress: never;
    output: DeviceSpeed;
  };
  runTrial: {
    input: {
      readonly trial: Trial;
      /** Fingerprint that the result records. */
      readonly experiment: string;
      readonly cohortId: string;
      readonly target: Target;
      readonly split: Split;
      readonly choice: DeviceChoice;
    };
    progress: TrialProgress;
    output: {
      /** Done or failed; the job itself fails only when the trial could not begin. */
      readonly result: TrialResult;
      /** The trial failed because its device did; the next one gets a fresh engine. */
      readonly deviceFailed: boolean;
    };
  };
}
export type JobName = keyof Jobs;
export type JobId = number;

/** Page to worker. */
export type Request =
  | { [J in JobName]: { type: "start"; id: JobId; job: J; input: Jobs[J]["input"] } }[JobName]
  | { type: "cancel" | "pause" | "resume"; id: JobId };

/** Worker to page. Exactly one "done" or "failed" ends each job. */
export type Reply =
  | { type: "progress"; id: JobId; progress: Jobs[JobName]["progress"] }
  | { type: "done"; id: JobId; output: Jobs[JobName]["output"] }
  | { type: "failed"; id: JobId; error: ErrorRecord };

/** An error as it crosses: structured cloning drops a custom `code`. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly stack: string | undefined;
}
