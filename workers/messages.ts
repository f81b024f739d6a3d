import * as v from "valibot";
import { type ErrorCode, PlannerError } from "#core/errors.ts";
import type { ErrorRecord, JobName, Reply, Request } from "./protocol.ts";

/** Every job by name; a job without an entry does not compile. */
const jobs: Record<JobName, true> = {
  readCohort: true,
  openCohort: true,
  keepCohorts: true,
  viewCase: true,
  viewMask: true,
  drawThumbnails: true,
  compareSelections: true,
  mapSlices: true,
  reviseCohort: true,
  previewCase: true,
  storage: true,
  analyse: true,
  probeDevices: true,
  checkDevice: true,
  calibrate: true,
  runTrial: true,
};

const id = v.pipe(v.number(), v.safeInteger());
const control = v.object({ type: v.picklist(["cancel", "pause", "resume"]), id });
const start = v.object({
  type: v.literal("start"),
  id,
  job: v.picklist(Object.keys(jobs) as [JobName, ...JobName[]]),
  input: v.looseObject({}),
});
const requestSchema = v.union([control, start]);

/**
 * A request as the worker got it. What jobs are given is typed at the sender; here the
 * envelope is checked, since a mistake in it would otherwise leave a job without an answer.
 *
 * @returns null when it is no request
 */
export function requestOf(message: unknown): Request | null {
  const result = v.safeParse(requestSchema, message);
  return result.success ? (result.output as Request) : null;
}

/** The id of a message that is no request but wants an answer; null when it has none. */
export function idOf(message: unknown): number | null {
  const result = v.safeParse(v.looseObject({ id }), message);
  return result.success ? result.output.id : null;
}

const errorSchema = v.object({
  name: v.string(),
  message: v.string(),
  code: v.optional(v.string()),
  stack: v.optional(v.string()),
});
const replySchema = v.variant("type", [
  v.object({ type: v.literal("progress"), id, progress: v.unknown() }),
  v.object({ type: v.literal("done"), id, output: v.unknown() }),
  v.object({ type: v.literal("failed"), id, error: errorSchema }),
]);

/** A reply as the page got it; null when it is none. */
export function replyOf(message: unknown): Reply | null {
  const result = v.safeParse(replySchema, message);
  return result.success ? (result.output as Reply) : null;
}

const codes: Record<ErrorCode, true> = {
  argument: true,
  format: true,
  cohort: true,
  experiment: true,
  results: true,
  device: true,
  divergence: true,
  storage: true,
};

/** An error as plain data. */
export function recordOf(error: unknown): ErrorRecord {
  if (!(error instanceof Error)) {
    return { name: "Error", message: String(error), code: undefined, stack: undefined };
  }
  const { name, message, stack } = error;
  return { name, message, code: error instanceof PlannerError ? error.code : undefined, stack };
}

/** The PlannerError that a record was; null when it was another error. */
export function plannerErrorOf({ code, message }: ErrorRecord): PlannerError | null {
  return code !== undefined && code in codes ? new PlannerError(code as ErrorCode, message) : null;
}
