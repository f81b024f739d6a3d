import process from "node:process";
import type { StopSignal } from "#core/context.ts";
import { messageOf, PlannerError } from "#core/errors.ts";

/** Where a command writes: what was asked for to `out`, everything else to `log`. */
export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly log: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

class Interrupted extends Error {}

/**
 * Runs the body of a command and ends the process: exit code 0 when it returns true, 1 when
 * it returns false or was given bad input, 130 when it was interrupted.
 */
export async function runCommand(
  body: (streams: Streams, signal: StopSignal) => Promise<boolean>,
): Promise<never> {
  const code = await exitCodeOf(body);
  await flushed(process.stdout);
  // Dawn keeps threads alive that would hold the process.
  process.exit(code);
}

async function exitCodeOf(
  body: (streams: Streams, signal: StopSignal) => Promise<boolean>,
): Promise<number> {
  const { signal } = stopOnSignals();
  try {
    return (await body({ out: process.stdout, log: process.stderr }, signal)) ? 0 : 1;
  } catch (error) {
    if (error instanceof Interrupted) {
      process.stderr.write("interrupted; finished work is kept, call again to go on\n");
      return 130;
    }
    // A PlannerError is written for people; anything else is a defect and shows where.
    const isExpected = error instanceof PlannerError || !(error instanceof Error);
    process.stderr.write(`error: ${isExpected ? messageOf(error) : error.stack}\n`);
    return 1;
  }
}

/** The second Ctrl+C does not wait for the step under way. */
function stopOnSignals(): AbortController {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write("\nstopping after this step; press Ctrl+C again to stop at once\n");
    controller.abort(new Interrupted());
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller;
}

/** What was written has left the process. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
