import type { Cohort } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import { resultsCsv } from "#core/results/csv.ts";
import { exportJson } from "#core/results/exportJson.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { AppContext } from "./appContext.ts";
import { notifyError } from "./notices.ts";

/** A file to save. */
export interface ExportedFile {
  readonly fileName: string;
  readonly blob: Blob;
}

/** Experiment, cohort summary and results as JSON; null, with a notice, when there are none. */
export async function exportResultsJson(app: AppContext): Promise<ExportedFile | null> {
  return exportWith(app, ({ experiment, cohort }, results) => ({
    fileName: `${fileNameOf(experiment.name)}.json`,
    blob: new Blob([JSON.stringify(exportJson(experiment, cohort, results), null, 2)], {
      type: "application/json",
    }),
  }));
}

/** One row per trial; null, with a notice, when there are none. */
export async function exportResultsCsv(app: AppContext): Promise<ExportedFile | null> {
  return exportWith(app, ({ experiment }, results) => ({
    fileName: `${fileNameOf(experiment.name)}.csv`,
    blob: new Blob([resultsCsv(results)], { type: "text/csv;charset=utf-8" }),
  }));
}

interface Definition {
  readonly experiment: Experiment;
  readonly cohort: Cohort;
}

async function exportWith(
  app: AppContext,
  make: (definition: Definition, results: readonly TrialResult[]) => ExportedFile,
): Promise<ExportedFile | null> {
  const { definition, results } = app.store.getState();
  try {
    if (results.length === 0) {
      throw new PlannerError("results", "there are no results to export yet; run an experiment");
    }
    if (!definition) {
      throw new PlannerError(
        "results",
        "the experiment of these results can no longer be read, so they cannot be exported; run " +
          "it again",
      );
    }
    if (!definition.cohort) {
      throw new PlannerError(
        "results",
        "these results came as files without their cohort, so they cannot be exported; keep the " +
          "files",
      );
    }
    return make({ ...definition, cohort: definition.cohort }, results);
  } catch (error) {
    notifyError(app, error);
    return null;
  }
}

/** A name that every system takes as a file name. */
function fileNameOf(name: string): string {
  const safe = name
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return safe === "" ? "experiment" : safe.toLowerCase();
}
