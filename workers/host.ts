import type { Gate } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import { type PauseGate, pauseGate } from "#nn/training/pauseGate.ts";
import { idOf, recordOf, requestOf } from "./messages.ts";
import type { JobId, JobName, Jobs, Reply, Request } from "./protocol.ts";

/** What a job is given besides its input. */
export interface JobContext<J extends JobName> {
  readonly signal: AbortSignal;
  report(progress: Jobs[J]["progress"]): void;
  /** Passed between the steps of the job: waits while it is paused. */
  readonly gate: Gate;
}

export interface JobReturn<J extends JobName> {
  readonly output: Jobs[J]["output"];
  readonly transfer?: Transferable[];
}

export type Handlers = {
  readonly [J in JobName]?: (
    input: Jobs[J]["input"],
    context: JobContext<J>,
  ) => Promise<JobReturn<J>>;
};

/** The half of a worker scope and MessagePort that the host needs. */
export interface Scope {
  postMessage(message: Reply, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
}

/** A job under way. */
interface Running {
  readonly controller: AbortController;
  readonly pausing: PauseGate;
}

/**
 * Answers requests on `scope` until the worker ends. Each start gets exactly one "done" or
 * "failed", a malformed one included.
 */
export function serve(scope: Scope, handlers: Handlers): void {
  const running = new Map<JobId, Running>();
  scope.onmessage = ({ data }) => {
    const request = requestOf(data);
    if (!request) refuse(scope, data);
    else if (request.type === "start") void work(scope, handlers, running, request);
    else control(running.get(request.id), request.type);
  };
}

function refuse(scope: Scope, message: unknown): void {
  const id = idOf(message);
  if (id === null) return;
  const error = new PlannerError("argument", "the message must be a request, got something else");
  scope.postMessage({ type: "failed", id, error: recordOf(error) }, []);
}

function control(job: Running | undefined, type: "cancel" | "pause" | "resume"): void {
  if (!job) return;
  if (type === "pause") {
    // A cancelled job must not be held up on its way out.
    if (!job.controller.signal.aborted) job.pausing.pause();
    return;
  }
  if (type === "cancel") job.controller.abort();
  job.pausing.resume();
}

type Start = Extract<Request, { type: "start" }>;

async function work(
  scope: Scope,
  handlers: Handlers,
  running: Map<JobId, Running>,
  request: Start,
): Promise<void> {
  const { id } = request;
  const job: Running = {
    controller: new AbortController(),
    pausing: pauseGate(letMessagesIn),
  };
  running.set(id, job);
  try {
    const { output, transfer } = await start(request, handlers, {
      signal: job.controller.signal,
      report: (progress) => scope.postMessage({ type: "progress", id, progress }, []),
      gate: job.pausing.gate,
    });
    scope.postMessage({ type: "done", id, output }, transfer ?? []);
  } catch (error) {
    scope.postMessage({ type: "failed", id, error: recordOf(error) }, []);
  } finally {
    running.delete(id);
  }
}

function start<J extends JobName>(
  request: Start,
  handlers: Handlers,
  context: JobContext<J>,
): Promise<JobReturn<JobName>> {
  const handler = handlers[request.job] as
    | ((input: Start["input"], context: JobContext<J>) => Promise<JobReturn<JobName>>)
    | undefined;
  if (!handler) throw new PlannerError("argument", `this worker has no job named ${request.job}`);
  return handler(request.input, context);
}

/** Resolves after the messages that wait for this thread were handled. */
function letMessagesIn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
