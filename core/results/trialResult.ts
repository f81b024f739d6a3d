import { messageOf } from "../errors.ts";
import { isJoint, strategySight } from "../experiment/methods.ts";
import type { Trial } from "../experiment/trial.ts";
import { METHOD_VERSION, RESULT_SCHEMA_VERSION, type TrialResult } from "./result.ts";

/** Where and how a trial ran, as far as it came. */
export type Circumstances = Pick<
  TrialResult,
  "experiment" | "volumes" | "annotatedSlices" | "chosen" | "seconds" | "backend" | "device"
>;

/** How a trial ended. */
export type Outcome = Pick<
  TrialResult,
  "status" | "error" | "iou" | "finalLoss" | "secondsPerStep" | "collapsed"
>;

/** The result of a trial that ends now. */
export function trialResult(
  { id, configuration, repeat, seed, selection: { features, scope } }: Trial,
  { experiment, volumes, annotatedSlices, chosen, seconds, backend, device }: Circumstances,
  { status, error, iou, collapsed = null, finalLoss, secondsPerStep }: Outcome,
): TrialResult {
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    experiment,
    methodVersion: METHOD_VERSION,
    trial: id,
    configuration: { ...configuration },
    selection: {
      features: strategySight[configuration.strategy] === "image" ? features : null,
      scope: isJoint(configuration.strategy, scope) ? "cohort" : "volume",
    },
    repeat,
    seed,
    volumes,
    annotatedSlices,
    ...(chosen ? { chosen } : {}),
    status,
    error,
    iou,
    collapsed,
    finalLoss,
    secondsPerStep,
    seconds,
    backend,
    device,
    finishedAt: new Date().toISOString(),
  };
}

/** The result of a trial that fails now, with its reason in words. */
export function failedResult(
  trial: Trial,
  circumstances: Circumstances,
  error: unknown,
): TrialResult {
  return trialResult(trial, circumstances, {
    status: "failed",
    error: messageOf(error),
    iou: null,
    finalLoss: null,
    secondsPerStep: null,
  });
}
