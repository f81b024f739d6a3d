import type { CostModel } from "#core/analysis/cost.ts";
import type { BudgetUnit } from "#core/analysis/recommend.ts";
import type { Cohort } from "#core/cohort/cohort.ts";
import type { DeviceChoice, DeviceReport } from "#core/experiment/device.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { NetworkSpeeds, TrialProgress } from "#core/results/progress.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { StorageUse } from "#workers/protocol.ts";

/** A message the page shows until it is dismissed. */
export interface Notice {
  readonly id: number;
  readonly kind: "error" | "info" | "success";
  readonly text: string;
}

/** The cohort: its cases' summaries, never voxels or files. */
export interface CohortSlice {
  readonly cohort: Cohort | null;
  /** Where the cohort came from; the bundled one shows its licence and citation. */
  readonly cohortSource: "none" | "sample" | "files";
  /** Reading files; null when not. `total` 0 while pairing. */
  readonly reading: {
    readonly done: number;
    readonly total: number;
    readonly caseId: string;
    readonly looking?: true;
  } | null;
  /** Where names that stand for DICOM files lie, while their folder is open; never stored. */
  readonly places: Readonly<Record<string, string>>;
  /** Bytes used and lent; null until asked. */
  readonly storage: StorageUse | null;
}

/** What the user wants to compare. Serialisable: it is the share link. */
export interface ExperimentSlice {
  readonly experiment: Experiment;
}

export interface DeviceSlice {
  readonly choice: DeviceChoice;
  /** null until devices were looked for */
  readonly report: DeviceReport | null;
  /** Of the chosen device and the experiment's networks and patches; null until calibrated. */
  readonly speeds: NetworkSpeeds | null;
  readonly calibrating: boolean;
  /** The chosen device is being started and checked. */
  readonly checking: boolean;
}

export type RunStatus = "idle" | "running" | "paused" | "cancelling";

/** The run: trials to do, the one under way. */
export interface RunSlice {
  readonly status: RunStatus;
  /** Trials of the run that have no finished result yet, the one under way first. */
  readonly waiting: readonly Trial[];
  /** Trials of the whole experiment. */
  readonly total: number;
  readonly progress: TrialProgress | null;
  /** [step, loss] of the trial under way, thinned to at most 400 points. */
  readonly losses: readonly (readonly [step: number, loss: number])[];
  /** Seconds to the end, from measured steps; null while unknown. */
  readonly etaSeconds: number | null;
  /** An experiment of an earlier visit that was not finished, on offer. */
  readonly unfinished: {
    readonly name: string;
    readonly done: number;
    readonly total: number;
  } | null;
}

/** Finished trials of the experiment shown; a mirror of the result store. */
export interface ResultsSlice {
  /** Fingerprint of the experiment they belong to; null before any. */
  readonly fingerprint: string | null;
  /** What they are results of, however the form was edited since; null when not known. */
  readonly definition: {
    readonly experiment: Experiment;
    /** null for results that came as files without their cohort. */
    readonly cohort: Cohort | null;
  } | null;
  readonly results: readonly TrialResult[];
  /** Trials whose result the store refused: it is gone with the page. */
  readonly unstored: readonly string[];
  /** Name of the files that are read again as they grow; null when the results are our own. */
  readonly followed: string | null;
}

/** What annotation may cost. */
export interface Planning {
  readonly unit: BudgetUnit;
  /** In that unit; null until the user sets one. */
  readonly amount: number | null;
  readonly cost: CostModel;
}

export interface PlanningSlice {
  readonly planning: Planning;
}

export interface NoticesSlice {
  readonly notices: readonly Notice[];
}

export type AppState = CohortSlice &
  ExperimentSlice & { readonly device: DeviceSlice; readonly run: RunSlice } & ResultsSlice &
  PlanningSlice &
  NoticesSlice;
