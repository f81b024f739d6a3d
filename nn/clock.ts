// Workers, pages and Node all have it; nn compiles without any of their types.
declare const performance: { now(): number };

/** Seconds since some moment, to measure durations with. */
export function secondsNow(): number {
  return performance.now() / 1000;
}
