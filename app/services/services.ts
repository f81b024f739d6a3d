import type { Cohort } from "#core/cohort/cohort.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import type { ResultStore } from "#core/results/resultStore.ts";
import type { JobRunner } from "#workers/client.ts";
import type { CohortFile } from "#workers/protocol.ts";
import type { Planning } from "../store/state.ts";

/** An experiment that was started, as the browser keeps it. */
export interface StoredExperiment {
  readonly fingerprint: string;
  readonly experiment: Experiment;
  /** The cohort it runs on, without voxels. */
  readonly cohort: Cohort;
  readonly cohortSource: "sample" | "files";
  /** ISO 8601 */
  readonly createdAt: string;
  /** Whether every trial has a finished result, or the user gave up the rest. */
  readonly finished: boolean;
}

/** What the browser keeps of experiments. */
export interface StoredExperiments {
  /** Newest first. */
  readonly readable: readonly StoredExperiment[];
  readonly unreadable: readonly UnreadableExperiment[];
}

/** A record that stays where it is though it cannot be read, as of another version. */
export interface UnreadableExperiment {
  readonly fingerprint: string;
  /** What of it still tells which cohort it needs; null when nothing does. */
  readonly cohortId: string | null;
  readonly why: string;
}

/** Experiments and results in the browser. */
export interface ResultsDb extends ResultStore {
  putExperiment(stored: StoredExperiment): Promise<void>;
  /**
   * null when there is none
   *
   * @throws PlannerError "storage" also when it can no longer be read, saying why
   */
  experiment(fingerprint: string): Promise<StoredExperiment | null>;
  /** Newest first, and what can no longer be read. */
  experiments(): Promise<StoredExperiments>;
}

/** The bundled cohort. */
export interface SampleCohort {
  readonly name: string;
  readonly files: readonly CohortFile[];
}

/** What the page remembers between visits; small. */
export interface SessionRecord {
  readonly experiment: Experiment | null;
  readonly cohortId: string | null;
  readonly cohortSource: "sample" | "files";
  /** Fingerprint of the results shown last. */
  readonly shown: string | null;
  readonly choice: DeviceChoice;
  readonly planning: Planning | null;
}

export interface Session {
  /** What was saved; defaults where nothing or nothing readable was. */
  load(): SessionRecord;
  save(change: Partial<SessionRecord>): void;
}

/** Keeps the screen on while a run lasts, where the browser can. */
export interface WakeLock {
  hold(): Promise<void>;
  release(): Promise<void>;
}

/** Everything outside the page's state that actions use. */
export interface Services {
  /** Reads cohorts. */
  readonly cohortWorker: JobRunner;
  /** Gives stored cases, masks and thumbnails to look at. */
  readonly viewWorker: JobRunner;
  /** Analyses results. */
  readonly analysisWorker: JobRunner;
  /** Looks for devices, calibrates, runs trials. */
  readonly trialWorker: JobRunner;
  readonly results: ResultsDb;
  readonly session: Session;
  readonly wakeLock: WakeLock;
  readonly loadSample: (signal?: AbortSignal) => Promise<SampleCohort>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
