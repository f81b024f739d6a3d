import type { Gate } from "#core/context.ts";
import type { Split } from "#core/experiment/split.ts";
import type { ScoredTarget } from "#core/results/score.ts";
import type { Engine } from "#nn/engine.ts";
import { type CaseSource, runTrial } from "#nn/trial/runTrial.ts";
import type { TrialRunner } from "./runTrials.ts";

/** Timers and signals get their turn between two steps. */
const letSignalsIn: Gate = () => new Promise((resolve) => setImmediate(resolve));

export interface LocalRun {
  readonly start: () => Promise<Engine>;
  readonly cases: CaseSource;
  readonly split: Split;
  readonly target: ScoredTarget;
  /** `experimentFingerprint` */
  readonly experiment: string;
}

/**
 * Runs trials in this process on one engine. After a trial that failed the engine is
 * started anew: a lost device must not fail the trials that follow. One that cannot be started
 * ends the run; its trial has no result then and runs when the command is called again.
 */
export function localRunner({ start, ...run }: LocalRun): TrialRunner & {
  dispose(): void;
} {
  let engine: Engine | null = null;
  const dispose = () => {
    engine?.dispose();
    engine = null;
  };
  return {
    run: async (trial, signal, report) => {
      engine ??= await start();
      const context = { ...run, engine, signal, gate: letSignalsIn, report };
      const result = await runTrial(trial, context);
      if (result.status === "failed") dispose();
      return result;
    },
    dispose,
  };
}
