import { experimentEdited, initialExperiment, quickDesign } from "../store/experimentSlice.ts";
import { isRunActive, labelsOf } from "../store/selectors.ts";
import type { AppContext } from "./appContext.ts";
import { editExperiment } from "./editExperiment.ts";
import { loadSampleCohort } from "./openCohort.ts";
import { startRun } from "./runExperiment.ts";

/** Opens the sample cohort, if it is not open, and runs a small design on all its labels. */
export async function quickExperiment(app: AppContext): Promise<void> {
  const { store } = app;
  if (isRunActive(store.getState())) return;
  if (store.getState().cohortSource !== "sample") await loadSampleCohort(app);
  const { cohort, cohortSource } = store.getState();
  if (!cohort || cohortSource !== "sample") return;
  const target = { labels: labelsOf(cohort).map(({ label }) => label) };
  const { experiment } = experimentEdited(initialExperiment, { ...quickDesign, target });
  editExperiment(app, experiment ?? {});
  await startRun(app);
}
