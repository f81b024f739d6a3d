import type { Cohort } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import { type Experiment, experimentProblem } from "#core/experiment/experiment.ts";
import { planOf } from "#core/experiment/plan.ts";
import { expandExperiment, experimentFingerprint, type Trial } from "#core/experiment/trial.ts";
import { openTrials } from "#core/results/openTrials.ts";
import { Hold } from "#workers/client.ts";
import { resultsOpened } from "../store/resultsSlice.ts";
import { runEnded, runStarted } from "../store/runSlice.ts";
import { isRunActive } from "../store/selectors.ts";
import { changeRun } from "../store/store.ts";
import type { AppContext } from "./appContext.ts";
import { isSameSpeed } from "./editExperiment.ts";
import { notify, notifyError } from "./notices.ts";
import { offerUnfinished } from "./offerUnfinished.ts";
import { type Run, runTrials } from "./runTrials.ts";
import { storeAgain, storedResults } from "./storedResults.ts";

/**
 * Runs the trials of an experiment that have no finished result yet, one after the other.
 * Resolves when the run is over; says in a notice why it cannot start or stopped early.
 *
 * @param experiment - that of the form, where none is given
 */
export async function startRun(
  app: AppContext,
  experiment: Experiment = app.store.getState().experiment,
): Promise<void> {
  const { store, services, switches } = app;
  if (isRunActive(store.getState()) || switches.run) return;
  const control = { stop: new AbortController(), hold: new Hold() };
  switches.run = control;
  try {
    const design = checkedDesign(app, experiment);
    const trials = expandExperiment(design.experiment);
    changeRun(store, { ...runStarted(trials, trials.length) });
    await services.wakeLock.hold();
    const run = { ...(await openRun(app, design, trials)), ...control };
    const end = await runTrials(app, run);
    if (end.left === 0) await finish(app, run.fingerprint, end.failed, run.waiting.length);
    else notify(app, "info", "The run was cancelled; finished trials are kept");
  } catch (error) {
    notifyError(app, error);
  } finally {
    switches.run = null;
    store.setState(({ run }) => ({ run: runEnded(run) }));
    await services.wakeLock.release();
    await offerUnfinished(app).catch((error: unknown) => notifyError(app, error));
  }
}

/** Stops between two steps; the trial under way goes on later from where it is. */
export function pauseRun({ store, switches }: AppContext): void {
  if (store.getState().run.status !== "running") return;
  switches.run?.hold.set(true);
  changeRun(store, { status: "paused" });
}

export function resumeRun({ store, switches }: AppContext): void {
  if (store.getState().run.status !== "paused") return;
  switches.run?.hold.set(false);
  changeRun(store, { status: "running" });
}

/** Stops the run; finished trials stay, the one under way is lost. */
export function cancelRun({ store, switches }: AppContext): void {
  if (!isRunActive(store.getState())) return;
  changeRun(store, { status: "cancelling" });
  switches.run?.stop.abort();
}

interface Design {
  readonly experiment: Experiment;
  readonly cohort: Cohort;
  readonly cohortSource: "sample" | "files";
  readonly split: Run["split"];
  readonly testSlices: number;
}

/**
 * What is about to run.
 *
 * @throws PlannerError when it cannot be run, saying why
 */
function checkedDesign({ store }: AppContext, experiment: Experiment): Design {
  const { cohort, cohortSource } = store.getState();
  if (!cohort || cohortSource === "none") {
    throw new PlannerError("cohort", "no cases are open; open a cohort before starting a run");
  }
  const fault = experimentProblem(experiment);
  if (fault) throw new PlannerError("experiment", fault);
  const { split, problems } = planOf(experiment, cohort, {});
  if (!split || problems.length > 0) throw new PlannerError("experiment", problems.join("; "));
  const inTest = new Set(split.test);
  const testSlices = cohort.cases
    .filter(({ id }) => inTest.has(id))
    .reduce((sum, { shape }) => sum + (shape?.[0] ?? 0), 0);
  return { experiment, cohort, cohortSource, split, testSlices };
}

/** Remembers the experiment and takes up the results it has. */
async function openRun(
  app: AppContext,
  { experiment, cohort, cohortSource, split, testSlices }: Design,
  trials: readonly Trial[],
): Promise<Omit<Run, "stop" | "hold">> {
  const { store, services } = app;
  await storeAgain(app);
  const fingerprint = experimentFingerprint(experiment, cohort.id);
  const results = await storedResults(services.results, fingerprint);
  // One that cannot be read any more is written anew.
  const known = await services.results.experiment(fingerprint).catch(() => null);
  await services.results.putExperiment({
    fingerprint,
    experiment,
    cohort,
    cohortSource,
    createdAt: known?.createdAt ?? new Date(services.now()).toISOString(),
    finished: false,
  });
  const waiting = openTrials(trials, results);
  store.setState(resultsOpened(fingerprint, { experiment, cohort }, results));
  changeRun(store, { waiting, unfinished: null });
  services.session.save({ shown: fingerprint });
  const { device, experiment: form } = store.getState();
  return {
    fingerprint,
    waiting,
    cohortId: cohort.id,
    target: experiment.target,
    split,
    choice: device.choice,
    speeds: (isSameSpeed(form, experiment) ? device.speeds : null) ?? {},
    testSlices,
  };
}

async function finish(
  app: AppContext,
  fingerprint: string,
  failed: number,
  ran: number,
): Promise<void> {
  const stored = await app.services.results.experiment(fingerprint);
  if (stored) await app.services.results.putExperiment({ ...stored, finished: true });
  if (ran === 0) {
    notify(
      app,
      "info",
      "Every trial of this experiment was finished before; nothing is left to run",
    );
  } else if (failed > 0) {
    notify(
      app,
      "error",
      `${failed} of ${ran} ${ran === 1 ? "trial" : "trials"} failed; the table of results says why`,
    );
  } else {
    notify(
      app,
      "success",
      `The experiment is finished: ${ran} ${ran === 1 ? "trial" : "trials"} done`,
    );
  }
}
