import type { Gate } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import type { Split } from "#core/experiment/split.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { CheckpointStore } from "#core/results/checkpointStore.ts";
import type { ScoredTarget } from "#core/results/score.ts";
import { type EngineInUse, watchEngine } from "#nn/devices/engineInUse.ts";
import type { Engine } from "#nn/engine.ts";
import { memoryEncoders } from "#nn/interpolation/interpolationMeans.ts";
import { completeTrial } from "#nn/trial/completeTrial.ts";
import { planTrialMemory } from "#nn/trial/planTrialMemory.ts";
import type { CaseSource } from "#nn/trial/runTrial.ts";
import type { TrialKeeper } from "#nn/trial/trialKeeper.ts";
import { morphologicalFiles } from "./morphologicalFiles.ts";
import type { TrialRunner } from "./runTrials.ts";

/** Timers and signals get their turn between two steps. */
const letSignalsIn: Gate = () => new Promise((resolve) => setImmediate(resolve));

export interface LocalRun {
  readonly start: () => Promise<Engine>;
  readonly cases: CaseSource;
  readonly split: Split;
  readonly target: ScoredTarget;
  /** Fingerprint of the cohort's voxels. */
  readonly cohort: string;
  /** `experimentFingerprint` */
  readonly experiment: string;
  /** Of a trial by its id; in memory where nothing is said. */
  readonly checkpointOf?: (trial: string) => CheckpointStore;
  readonly say?: (text: string) => void;
  readonly keep?: TrialKeeper;
}

/**
 * Runs trials in this process on one engine. A trial whose device fails is tried once more on a
 * fresh one from its last checkpoint; after a trial that failed the engine is started anew. One
 * that cannot be started ends the run; its trial has no result then and goes on when the command
 * is called again.
 */
export function localRunner({ start, checkpointOf, say, ...run }: LocalRun): TrialRunner & {
  dispose(): void;
} {
  const interpolation = { morphological: morphologicalFiles(), encoders: memoryEncoders() };
  let current: EngineInUse | null = null;
  const dispose = () => {
    current?.engine.dispose();
    current = null;
  };
  const nextEngine = async () => {
    if (current?.hasFailed()) dispose();
    current ??= watchEngine(await start());
    return current;
  };
  const { cases, split, target } = run;
  const told = new Set<string>();
  /** Once for each network and setting. */
  const tellMemory = async (trial: Trial) => {
    const key = JSON.stringify([trial.configuration.network, trial.training]);
    if (told.has(key)) return;
    told.add(key);
    const { engine } = await nextEngine();
    const shapes = [...split.test, ...split.pool].map((id) => cases.shapeOf(id));
    const plan = planTrialMemory(engine, trial, target.names.length + 1, shapes);
    const megabytes = Math.ceil((plan?.bytes ?? 0) / 1e6);
    if (plan) say?.(`memory: a ${trial.configuration.network} trial takes about ${megabytes} MB`);
  };
  return {
    run: async (trial, signal, report) => {
      // What cannot be planned fails in the trial, which says why.
      await tellMemory(trial).catch((error: unknown) => {
        if (error instanceof PlannerError && error.code === "device") throw error;
      });
      const checkpoint = checkpointOf?.(trial.id);
      const { result } = await completeTrial(trial, {
        ...{ ...run, interpolation, nextEngine, signal, gate: letSignalsIn, report },
        ...(checkpoint ? { checkpoint } : {}),
        retrying: (reason) => say?.(`${trial.id}: ${reason}; trying it once more`),
      });
      if (result.status === "failed") dispose();
      return result;
    },
    dispose,
  };
}
