import { singleTarget } from "#core/experiment/target.ts";
import { experimentEdited, initialExperiment, quickDesign } from "../store/experimentSlice.ts";
import { isRunActive, labelsOf } from "../store/selectors.ts";
import type { AppContext } from "./appContext.ts";
import { loadSampleCohort } from "./openCohort.ts";
import { startRun } from "./runExperiment.ts";

/**
 * Opens the sample cohort, if it is not open, and runs a small design on all its labels. The
 * design in the form stays as it was left, its split and target too, which name cases and
 * labels of the cohort before.
 */
export async function quickExperiment(app: AppContext): Promise<void> {
  const { store, services } = app;
  const draft = store.getState().experiment;
  if (isRunActive(store.getState())) return;
  if (store.getState().cohortSource !== "sample") await loadSampleCohort(app);
  const { cohort, cohortSource } = store.getState();
  if (!cohort || cohortSource !== "sample") return;
  const target = singleTarget(labelsOf(cohort).map(({ label }) => label));
  const { experiment } = experimentEdited(initialExperiment, { ...quickDesign, target });
  store.setState({ experiment: draft });
  services.session.save({ experiment: draft });
  await startRun(app, experiment);
}
