import { isUsable } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import type { NetworkName } from "#core/experiment/methods.ts";
import { trainingOf } from "#core/experiment/trial.ts";
import type { DeviceSpeed } from "#core/results/progress.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { isRunActive } from "../store/selectors.ts";
import type { AppState } from "../store/state.ts";
import { changeDevice } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { notify, notifyError } from "./notices.ts";

/**
 * Looks for devices and says what the choice means here. A choice of an earlier visit that
 * is not available any more becomes automatic.
 */
export async function probeDevices(app: AppContext): Promise<void> {
  const { store, services } = app;
  const { choice } = store.getState().device;
  try {
    const report = await services.trialWorker.run("probeDevices", { choice });
    if (store.getState().device.choice !== choice) return;
    changeDevice(store, { report });
    void checkDevice(app);
  } catch (error) {
    notifyError(app, error);
    if (choice === "auto" || store.getState().device.choice !== choice) return;
    changeDevice(store, { choice: "auto" });
    await probeDevices(app);
  }
}

/**
 * Starts the chosen device and shows what its check found. A device that may not train is told
 * of in the report where another takes its place, else in a notice.
 */
async function checkDevice(app: AppContext): Promise<void> {
  const { store, services } = app;
  const { choice } = store.getState().device;
  changeDevice(store, { checking: true });
  try {
    const report = await services.trialWorker.run("checkDevice", { choice });
    if (store.getState().device.choice === choice) changeDevice(store, { report });
  } catch (error) {
    if (store.getState().device.choice === choice) notifyError(app, error);
  } finally {
    changeDevice(store, { checking: false });
  }
}

/** Takes another device; a choice that is not available is refused and the old one stays. */
export async function chooseDevice(app: AppContext, choice: DeviceChoice): Promise<void> {
  const { store, services } = app;
  if (isRunActive(store.getState())) {
    notify(app, "info", "A run is under way; cancel it or let it end before changing the device");
    return;
  }
  try {
    const report = await services.trialWorker.run("probeDevices", { choice });
    changeDevice(store, { choice, report, speeds: null });
    services.session.save({ choice });
    void checkDevice(app);
  } catch (error) {
    notifyError(app, error);
  }
}

/** Measures how fast the chosen device runs each network of the experiment as it is now. */
export async function calibrate(app: AppContext): Promise<void> {
  const { store, services } = app;
  const { cohort, device, experiment } = store.getState();
  if (device.calibrating || isRunActive(store.getState())) return;
  changeDevice(store, { calibrating: true });
  try {
    const shape = usualShape(cohort);
    const speeds: Partial<Record<NetworkName, DeviceSpeed>> = {};
    for (const network of experiment.networks) {
      speeds[network] = await services.trialWorker.run("calibrate", {
        choice: device.choice,
        network,
        training: trainingOf(experiment, network),
        classes: experiment.target.classes.length + 1,
        shape,
      });
      const now = store.getState();
      // A design or device that changed meanwhile has another speed.
      const isStill = now.cohort === cohort && now.device.choice === device.choice;
      if (!isStill || now.experiment !== experiment) return;
      changeDevice(store, { speeds: { ...speeds } });
    }
  } catch (error) {
    notifyError(app, error);
  } finally {
    changeDevice(store, { calibrating: false });
  }
}

/** A volume of the median depth whose slices hold those of every usable case. */
function usualShape(cohort: AppState["cohort"]): Shape3 {
  const shapes = (cohort?.cases ?? []).filter(isUsable).flatMap(({ shape }) => shape ?? []);
  if (!cohort || shapes.length === 0) {
    throw new PlannerError(
      "cohort",
      "no cases are open; open a cohort before measuring the device",
    );
  }
  const sizes = cohort.cases.filter(isUsable).map(({ shape }) => shape ?? [1, 1, 1]);
  const depths = sizes.map(([depth]) => depth).sort((a, b) => a - b);
  return [
    depths[depths.length >> 1] ?? 1,
    Math.max(...sizes.map(([, height]) => height)),
    Math.max(...sizes.map(([, , width]) => width)),
  ];
}
