import * as v from "valibot";
import { PlannerError } from "#core/errors.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import type { TrialProgress } from "#core/results/progress.ts";

/** To a process that trains. It reads its cohort before anything is asked of it. */
export type PoolRequest =
  | { readonly type: "run"; readonly experiment: Experiment; readonly trial: string }
  /** Ends the trial under way after its step; its answer is "stopped". */
  | { readonly type: "stop" };

/** The cohort as one machine sees it; enough to find out how two machines differ. */
export interface CohortView {
  /** `cohortFingerprint` */
  readonly id: string;
  readonly cases: readonly { readonly case: string; readonly fingerprint: string | null }[];
}

const cohortView = v.object({
  id: v.string(),
  cases: v.pipe(
    v.array(v.object({ case: v.string(), fingerprint: v.nullable(v.string()) })),
    v.readonly(),
  ),
});

const reply = v.variant("type", [
  /** The cohort is read and a device was chosen. Sent once, before any other. */
  v.object({ type: v.literal("ready"), cohort: cohortView, device: v.string() }),
  v.object({ type: v.literal("progress"), progress: v.custom<TrialProgress>(isProgress) }),
  /** The result, done or failed; its own rules are checked where it is used. */
  v.object({ type: v.literal("result"), result: v.unknown() }),
  v.object({ type: v.literal("stopped") }),
  /** Nothing can be run here: no cohort, no device, or an experiment that does not fit. */
  v.object({ type: v.literal("unable"), code: v.string(), message: v.string() }),
]);

/** From a process that trains. */
export type PoolReply = v.InferOutput<typeof reply>;

/**
 * A reply as it came over the channel.
 *
 * @throws PlannerError "results" when it is none
 */
export function parseReply(value: unknown): PoolReply {
  const parsed = v.safeParse(reply, value);
  if (parsed.success) return parsed.output;
  throw new PlannerError("results", "a training process said something that is no reply");
}

/** @throws PlannerError "results" when the text is no view of a cohort */
export function parseCohortView(value: unknown): CohortView {
  const parsed = v.safeParse(cohortView, value);
  if (parsed.success) return parsed.output;
  throw new PlannerError("results", "the queue's record of a cohort cannot be read");
}

function isProgress(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { phase, step, steps } = value as Record<string, unknown>;
  return (
    ["prepare", "interpolate", "train", "evaluate"].includes(String(phase)) &&
    Number.isFinite(step) &&
    Number.isFinite(steps)
  );
}
