import { PlannerError } from "#core/errors.ts";
import { classLabels } from "#core/experiment/target.ts";
import { scoredTarget } from "#core/results/score.ts";
import { checksInMemory, type KnownChecks } from "#nn/devices/engineChecks.ts";
import { memoryEncoders } from "#nn/interpolation/interpolationMeans.ts";
import type { MorphologicalFiles } from "#nn/interpolation/morphological/itkPipeline.ts";
import { calibrate } from "#nn/trial/calibrate.ts";
import { completeTrial } from "#nn/trial/completeTrial.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Engines, reportDevices, type StartEngine } from "./engines.ts";
import { type FileArea, memoryArea } from "./fileArea.ts";
import type { Handlers } from "./host.ts";
import { PreparedCases } from "./preparedCases.ts";
import type { VoxelStore } from "./voxelStore.ts";

export interface TrialJobsOptions {
  readonly openStore: () => Promise<VoxelStore>;
  readonly gpu: GPU | undefined;
  readonly startEngine: StartEngine;
  /** Files of trials under way; in memory where nothing is said. */
  readonly openCheckpoints?: () => Promise<FileArea>;
  /** What devices passed the check; in memory where nothing is said. */
  readonly knownChecks?: KnownChecks;
  readonly morphological: MorphologicalFiles;
}

/** Jobs that compute. They share one engine, so they run one after the other. */
export function trialJobs({
  openStore,
  gpu,
  startEngine,
  openCheckpoints = async () => memoryArea(),
  knownChecks = checksInMemory(),
  morphological,
}: TrialJobsOptions): Handlers {
  const checkpoints = new Checkpoints(openCheckpoints);
  const engines = new Engines(gpu, startEngine, knownChecks);
  const cases = new CasesInUse(openStore);
  const interpolation = { morphological, encoders: memoryEncoders() };
  const inTurn = queue();
  return {
    probeDevices: async ({ choice }) => ({ output: await reportDevices(gpu, choice) }),

    calibrate: ({ choice, ...calibration }, context) =>
      inTurn(async () => {
        context.signal.throwIfAborted();
        const { inUse } = await engines.get(choice);
        return { output: await calibrate(inUse.engine, calibration, context) };
      }),

    checkDevice: ({ choice }, { signal }) =>
      inTurn(async () => {
        signal.throwIfAborted();
        return { output: (await engines.get(choice)).report };
      }),

    runTrial: ({ trial, experiment, cohortId, target, split, choice }, context) =>
      inTurn(async () => {
        context.signal.throwIfAborted();
        const source = await cases.of(cohortId, classLabels(target));
        const output = await completeTrial(trial, {
          nextEngine: async () => (await engines.get(choice)).inUse,
          cases: source,
          split,
          target: scoredTarget(target),
          experiment,
          checkpoint: await checkpoints.of(experiment, trial.id),
          cohort: cohortId,
          interpolation,
          ...context,
        });
        return { output };
      }),
  };
}

/** Prepared cases of the cohort and target that trials used last. */
class CasesInUse {
  readonly #openStore: () => Promise<VoxelStore>;
  #current: { readonly key: string; readonly cases: PreparedCases } | null = null;

  constructor(openStore: () => Promise<VoxelStore>) {
    this.#openStore = openStore;
  }

  /** @throws PlannerError "storage" when the cohort is no longer stored */
  async of(cohortId: string, classes: readonly (readonly number[])[]): Promise<PreparedCases> {
    const key = JSON.stringify([cohortId, classes]);
    if (this.#current?.key === key) return this.#current.cases;
    this.#current = null;
    const store = await this.#openStore();
    const cohort = await store.getCohort(cohortId);
    if (!cohort) {
      throw new PlannerError(
        "storage",
        "the cohort's volumes are no longer stored in this browser; open its files again",
      );
    }
    const cases = new PreparedCases(store, cohort, classes);
    this.#current = { key, cases };
    return cases;
  }
}

/** Runs work one after the other, whatever became of the work before. */
function queue() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
}
