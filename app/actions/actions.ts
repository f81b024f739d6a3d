import type { Analysis } from "#core/analysis/analyse.ts";
import type { CohortSettings } from "#core/cohort/settings.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import type { RecipeName } from "#core/experiment/paperRuns.ts";
import type { PresetName } from "#core/experiment/presets.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { Preprocessing } from "#core/volume/preprocessing.ts";
import type { CasePreview, Jobs } from "#workers/protocol.ts";
import type { Services } from "../services/services.ts";
import type { Planning } from "../store/state.ts";
import type { AppStore } from "../store/store.ts";
import { analyseResults } from "./analyseResults.ts";
import { type AppContext, createAppContext } from "./appContext.ts";
import { calibrate, chooseDevice, probeDevices } from "./chooseDevice.ts";
import { editCohort, exportSettings, previewCase } from "./editCohort.ts";
import { applyPaperGrid, applyPreset, editExperiment } from "./editExperiment.ts";
import { editPlanning } from "./editPlanning.ts";
import { type ExportedFile, exportResultsCsv, exportResultsJson } from "./exportResults.ts";
import { dismissNotice } from "./notices.ts";
import { addFiles, cancelReading, loadSampleCohort, refuseFiles } from "./openCohort.ts";
import { type ChosenFiles, openResults, stopFollowing } from "./openResults.ts";
import { quickExperiment } from "./quickExperiment.ts";
import { restoreSession } from "./restoreSession.ts";
import { cancelRun, pauseRun, resumeRun, startRun } from "./runExperiment.ts";
import { continueUnfinished, discardUnfinished } from "./unfinished.ts";
import { type Loaded, selectionJob, viewJob } from "./viewCases.ts";

/**
 * What a click does. Every action takes care of its own errors: they become notices, and a
 * promise never rejects. A promise resolves when the work is over, so a click need not wait.
 */
export interface Actions {
  /** At the start: devices, the last cohort, experiment and results, an unfinished run. */
  restoreSession(): Promise<void>;
  loadSampleCohort(): Promise<void>;
  /**
   * Opens what was dropped or chosen: results of a run, else a cohort.
   *
   * @returns which of the two
   */
  addFiles(chosen: ChosenFiles): Promise<"cohort" | "results">;
  /** Leaves results that came as files as they are. */
  stopFollowing(): void;
  /** Says why dropped files could not even be listed. */
  refuseFiles(error: unknown): void;
  cancelReading(): void;

  /** Pairs, patients, slices and preprocessing of the open cohort. */
  editCohort(settings: CohortSettings): Promise<void>;
  /** null, with a notice, when it cannot be shown. */
  previewCase(caseId: string, preprocessing: Preprocessing): Promise<CasePreview | null>;
  /** `cohort.json` of the open cohort. */
  exportSettings(): ExportedFile;

  /** The split is edited as `{ split }`. Refused with a notice while a run is active. */
  editExperiment(change: Partial<Experiment>): void;
  applyPreset(effort: PresetName, recipe: RecipeName): void;
  applyPaperGrid(): void;
  /** Sample cohort, a small design, run: one click. */
  quickExperiment(): Promise<void>;

  probeDevices(): Promise<void>;
  chooseDevice(choice: DeviceChoice): Promise<void>;
  /** Measures the chosen device for the experiment's network and patch. */
  calibrate(): Promise<void>;

  /** Resolves when the run is over. */
  startRun(): Promise<void>;
  pauseRun(): void;
  resumeRun(): void;
  cancelRun(): void;
  continueUnfinished(): Promise<void>;
  /** Gives up the trials that are left; results stay stored. */
  discardUnfinished(): Promise<void>;

  /** null, with a notice, when it failed. */
  analyseResults(results: readonly TrialResult[]): Promise<Analysis | null>;
  /** What may be spent, and what annotation costs. */
  editPlanning(change: Partial<Planning>): void;

  /** What a stored case and its masks look like; null when it was stopped. */
  viewCase(input: Jobs["viewCase"]["input"], signal: AbortSignal): View<"viewCase">;
  viewMask(input: Jobs["viewMask"]["input"], signal: AbortSignal): View<"viewMask">;
  drawThumbnails(
    input: Jobs["drawThumbnails"]["input"],
    signal: AbortSignal,
  ): View<"drawThumbnails">;

  /** What strategies pick before anything is trained; null when it was stopped. */
  compareSelections: Ask<"compareSelections">;
  /** Where slices lie that look alike; null when it was stopped. */
  mapSlices: Ask<"mapSlices">;

  /** null, with a notice, when there is nothing to export. */
  exportResultsJson(): Promise<ExportedFile | null>;
  exportResultsCsv(): Promise<ExportedFile | null>;

  dismissNotice(id: number): void;
}

type View<J extends "viewCase" | "viewMask" | "drawThumbnails"> = Promise<Loaded<
  Jobs[J]["output"]
> | null>;

async function openFiles(app: AppContext, chosen: ChosenFiles): Promise<"cohort" | "results"> {
  if (await openResults(app, chosen)) return "results";
  await addFiles(app, chosen.files, chosen.name);
  return "cohort";
}

type Ask<J extends "compareSelections" | "mapSlices"> = (
  input: Jobs[J]["input"],
  signal: AbortSignal,
  onProgress: (progress: Jobs[J]["progress"]) => void,
) => Promise<Loaded<Jobs[J]["output"]> | null>;

/** The actions of one page. */
export function createActions({
  store,
  services,
}: {
  store: AppStore;
  services: Services;
}): Actions {
  const app = createAppContext(store, services);
  return {
    restoreSession: () => restoreSession(app),
    loadSampleCohort: () => loadSampleCohort(app),
    addFiles: (chosen) => openFiles(app, chosen),
    stopFollowing: () => stopFollowing(app),
    refuseFiles: (error) => refuseFiles(app, error),
    cancelReading: () => cancelReading(app),
    editCohort: (settings) => editCohort(app, settings),
    previewCase: (caseId, preprocessing) => previewCase(app, caseId, preprocessing),
    exportSettings: () => exportSettings(app),
    editExperiment: (change) => editExperiment(app, change),
    applyPreset: (effort, recipe) => applyPreset(app, effort, recipe),
    applyPaperGrid: () => applyPaperGrid(app),
    quickExperiment: () => quickExperiment(app),
    probeDevices: () => probeDevices(app),
    chooseDevice: (choice) => chooseDevice(app, choice),
    calibrate: () => calibrate(app),
    startRun: () => startRun(app),
    pauseRun: () => pauseRun(app),
    resumeRun: () => resumeRun(app),
    cancelRun: () => cancelRun(app),
    continueUnfinished: () => continueUnfinished(app),
    discardUnfinished: () => discardUnfinished(app),
    analyseResults: (results) => analyseResults(app, results),
    editPlanning: (change) => editPlanning(app, change),
    viewCase: (input, signal) => viewJob(app, "viewCase", input, signal),
    viewMask: (input, signal) => viewJob(app, "viewMask", input, signal),
    compareSelections: (...given) => selectionJob(app, "compareSelections", ...given),
    mapSlices: (...given) => selectionJob(app, "mapSlices", ...given),
    drawThumbnails: (input, signal) => viewJob(app, "drawThumbnails", input, signal),
    exportResultsJson: () => exportResultsJson(app),
    exportResultsCsv: () => exportResultsCsv(app),
    dismissNotice: (id) => dismissNotice(app, id),
  };
}
