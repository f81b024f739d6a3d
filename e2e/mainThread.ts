import { loadavg } from "node:os";
import type { Page } from "@playwright/test";

/** A task of the page's main thread, in milliseconds. */
export interface MainThreadTask {
  /** Since the recording began. */
  readonly start: number;
  /** Time of the processor: what the page itself asked for. */
  readonly own: number;
  /** Time by the clock: own time and waiting for a core. */
  readonly wall: number;
}

/** An event of Chromium's trace; times in microseconds, `tdur` is the thread's own time. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

const BEGIN = "main thread: begin";
const END = "main thread: end";

/**
 * Records every task of the page's main thread by Chromium's trace. On a machine that other
 * programs crowd a task also waits for its core; only its own time says what the page does.
 *
 * @returns ends the recording and gives its tasks
 */
export async function recordMainThread(page: Page): Promise<() => Promise<MainThreadTask[]>> {
  const browser = page.context().browser();
  if (!browser) throw new Error("the main thread can only be recorded in a browser of its own");
  const categories = ["disabled-by-default-devtools.timeline", "blink.user_timing"];
  await browser.startTracing(page, { categories });
  await page.evaluate((name) => void performance.mark(name), BEGIN);
  return async () => {
    await page.evaluate((name) => void performance.mark(name), END);
    const trace = await browser.stopTracing();
    const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
    return tasksIn(traceEvents);
  };
}

/** @throws Error when the trace does not reach from the first mark to the last */
function tasksIn(events: readonly TraceEvent[]): MainThreadTask[] {
  const begin = events.find(({ name }) => name === BEGIN);
  const end = events.findLast(({ name }) => name === END);
  if (!begin || !end) throw new Error("the trace lacks its beginning or its end: it says nothing");
  return events
    .filter(({ name, ph, pid, tid }) => {
      return name === "RunTask" && ph === "X" && pid === begin.pid && tid === begin.tid;
    })
    .filter(({ ts }) => ts >= begin.ts && ts <= end.ts)
    .map(({ ts, dur = 0, tdur = dur }) => ({
      start: Math.round((ts - begin.ts) / 1000),
      own: tdur / 1000,
      wall: dur / 1000,
    }));
}

/** The longest tasks in words, with how crowded the machine was. */
export function mainThreadText(tasks: readonly MainThreadTask[]): string {
  const longest = (of: "own" | "wall") => Math.max(0, ...tasks.map((task) => task[of])).toFixed(1);
  const slow = tasks.filter(({ wall }) => wall > 50).length;
  return (
    `${tasks.length} tasks, the longest ${longest("own")} ms of its own and ${longest("wall")} ms ` +
    `by the clock (${slow} over 50 ms), load ${loadavg()[0]?.toFixed(1)}`
  );
}
