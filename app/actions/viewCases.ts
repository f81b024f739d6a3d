import { messageOf } from "#core/errors.ts";
import { isAbort } from "#workers/client.ts";
import type { JobName, Jobs } from "#workers/protocol.ts";
import type { AppContext } from "./appContext.ts";
import { sentenceOf } from "./notices.ts";

/** What was asked for, or why it is not to be had: the place that asked says so. */
export type Loaded<T> =
  | { readonly value: T; readonly problem: null }
  | { readonly value: null; readonly problem: string };

type ViewJob = Extract<JobName, "viewCase" | "viewMask" | "drawThumbnails">;

type SelectionJob = Extract<JobName, "compareSelections" | "mapSlices">;

/** Runs a job about slices and strategies; null when it was stopped. */
export async function selectionJob<J extends SelectionJob>(
  { services }: AppContext,
  job: J,
  input: Jobs[J]["input"],
  signal: AbortSignal,
  onProgress: (progress: Jobs[J]["progress"]) => void,
): Promise<Loaded<Jobs[J]["output"]> | null> {
  try {
    const value = await services.cohortWorker.run(job, input, { signal, onProgress });
    return { value, problem: null };
  } catch (error) {
    return isAbort(error) ? null : { value: null, problem: sentenceOf(messageOf(error)) };
  }
}

/** Runs a job of the worker that shows cases; null when it was stopped. */
export async function viewJob<J extends ViewJob>(
  { services }: AppContext,
  job: J,
  input: Jobs[J]["input"],
  signal: AbortSignal,
): Promise<Loaded<Jobs[J]["output"]> | null> {
  try {
    const value = await services.viewWorker.run(job, input, { signal });
    return { value, problem: null };
  } catch (error) {
    return isAbort(error) ? null : { value: null, problem: sentenceOf(messageOf(error)) };
  }
}
