import type { Trial } from "#core/experiment/trial.ts";
import { memoryCheckpoint } from "#core/results/checkpointStore.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { EngineInUse } from "../devices/engineInUse.ts";
import { runTrial, type TrialContext } from "./runTrial.ts";

export interface CompleteTrialContext extends Omit<TrialContext, "engine"> {
  /**
   * An engine that works: the one in use, or a fresh one where that failed.
   *
   * @throws PlannerError "device" when none can be started
   */
  nextEngine(): Promise<EngineInUse>;
  /** Told why, when the trial is about to be tried once more. */
  retrying?(reason: string): void;
}

/** A result and whether the device failed on the way to it. */
export interface CompletedTrial {
  readonly result: TrialResult;
  readonly deviceFailed: boolean;
}

/**
 * Runs a trial; where its device fails, once more from its last checkpoint on a fresh engine.
 * A failure of anything else would be the same again and is the result.
 *
 * @throws whatever `signal.throwIfAborted` throws when it was stopped, and what `nextEngine` throws
 */
export async function completeTrial(
  trial: Trial,
  { nextEngine, retrying, ...context }: CompleteTrialContext,
): Promise<CompletedTrial> {
  const checkpoint = context.checkpoint ?? memoryCheckpoint();
  const attempt = async (): Promise<CompletedTrial> => {
    const inUse = await nextEngine();
    const result = await runTrial(trial, { ...context, checkpoint, engine: inUse.engine });
    return { result, deviceFailed: inUse.hasFailed() };
  };
  const first = await attempt();
  if (first.result.status === "done" || !first.deviceFailed) return first;
  retrying?.(first.result.error ?? "the device failed");
  return attempt();
}
