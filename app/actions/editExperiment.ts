import type { Experiment } from "#core/experiment/experiment.ts";
import type { RecipeName } from "#core/experiment/paperRuns.ts";
import type { PresetName } from "#core/experiment/presets.ts";
import { experimentEdited, paperGridApplied, presetApplied } from "../store/experimentSlice.ts";
import { isRunActive } from "../store/selectors.ts";
import type { Change } from "../store/slice.ts";
import type { ExperimentSlice } from "../store/state.ts";
import { changeDevice } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { notify } from "./notices.ts";

/** Changes fields of the experiment. */
export function editExperiment(app: AppContext, change: Partial<Experiment>): void {
  edit(app, (state) => experimentEdited(state, change));
}

export function applyPreset(app: AppContext, effort: PresetName, recipe: RecipeName): void {
  edit(app, (state) => presetApplied(state, effort, recipe));
}

export function applyPaperGrid(app: AppContext): void {
  edit(app, paperGridApplied);
}

/** A measured speed holds for one network, batch and patch; another design needs another. */
const speedDependsOn = [
  "networks",
  "networkSize",
  "batchSize",
  "batchSize3d",
  "patch",
  "patch3d",
  "target",
  "recipe",
] as const;

/** Whether a speed measured for one design holds for the other. */
export function isSameSpeed(one: Experiment, other: Experiment): boolean {
  return speedDependsOn.every(
    (field) => JSON.stringify(one[field]) === JSON.stringify(other[field]),
  );
}

function edit(app: AppContext, change: (state: ExperimentSlice) => Change<ExperimentSlice>): void {
  const { store, services } = app;
  if (isRunActive(store.getState())) {
    notify(app, "info", "A run is under way; cancel it or let it end before changing the design");
    return;
  }
  const before = store.getState().experiment;
  store.setState(change);
  const after = store.getState().experiment;
  if (!isSameSpeed(before, after)) changeDevice(store, { speeds: null });
  services.session.save({ experiment: after });
}
