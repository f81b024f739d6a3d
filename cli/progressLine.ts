import { Presets, SingleBar } from "cli-progress";
import type { Trial } from "#core/experiment/trial.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import type { TrialResult } from "#core/results/result.ts";

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Shows how a run goes. */
export interface ProgressLine {
  /** A message on a line of its own. */
  say(text: string): void;
  begin(trial: Trial): void;
  update(progress: TrialProgress): void;
  end(result: TrialResult): void;
  /** Takes the bar away; nothing is shown after it. */
  close(): void;
}

/**
 * Progress on a stream: a bar on a terminal, a line per trial in a log.
 *
 * @param done - trials that have a result already
 * @param total - trials of the experiment
 */
export function progressLine(stream: Stream, done: number, total: number): ProgressLine {
  return stream.isTTY ? barOn(stream, done, total) : linesOn(stream, done, total);
}

function linesOn(stream: Stream, done: number, total: number): ProgressLine {
  let count = done;
  const say = (text: string) => void stream.write(`${text}\n`);
  return {
    say,
    begin: () => undefined,
    update: () => undefined,
    end: (result) => {
      count++;
      say(`[${count}/${total}] ${describeResult(result)}`);
    },
    close: () => undefined,
  };
}

/** Steps the bar gives each trial. */
const UNITS = 1000;

function barOn(stream: Stream, done: number, total: number): ProgressLine {
  let count = done;
  const started = Date.now();
  const bar = new SingleBar(
    {
      stream,
      format: "[{bar}] {percentage}% | trial {trial}/{total_} | {state} | {left} left",
      barsize: 24,
      clearOnComplete: true,
      hideCursor: true,
      fps: 5,
    },
    Presets.legacy,
  );
  const left = (share: number) => {
    const here = count - done + share;
    if (here <= 0) return "?";
    return describeSeconds(((Date.now() - started) / 1000 / here) * (total - count - share));
  };
  const show = (share: number, state: string) =>
    bar.update(Math.round((count + share) * UNITS), {
      trial: Math.min(count + 1, total),
      state,
      left: left(share),
    });
  bar.start(total * UNITS, count * UNITS, {
    trial: count + 1,
    total_: total,
    state: "",
    left: "?",
  });
  const say = (text: string) => {
    stream.write("\r\u001b[K");
    stream.write(`${text}\n`);
    bar.render();
  };
  return {
    say,
    begin: (trial) => show(0, trial.id),
    update: (progress) => show(shareOf(progress), describeProgress(progress)),
    end: (result) => {
      say(describeResult(result));
      count++;
      show(0, "");
    },
    close: () => bar.stop(),
  };
}

/** About how much of a trial is over, 0..1: training takes most of it. */
function shareOf({ phase, step, steps }: TrialProgress): number {
  const part = steps > 0 ? step / steps : 0;
  if (phase === "prepare") return 0.02 * part;
  if (phase === "interpolate") return 0.02;
  return phase === "train" ? 0.02 + 0.88 * part : 0.9 + 0.1 * part;
}

function describeProgress(progress: TrialProgress): string {
  const { phase, step, steps } = progress;
  const loss = "loss" in progress ? `, loss ${progress.loss.toFixed(3)}` : "";
  return `${phase} ${step}/${steps}${loss}`;
}

/** A result on one line. */
export function describeResult(result: TrialResult): string {
  const { trial, status, error, iou, annotatedSlices, seconds, collapsed } = result;
  if (status === "failed") return `${trial}: failed: ${error}`;
  const score = iou?.mean === null || iou === null ? "undefined" : iou.mean.toFixed(3);
  const classes = iou?.classes
    ?.map(({ name, mean }) => `${name} ${mean?.toFixed(3) ?? "undefined"}`)
    .join(", ");
  const mark = collapsed ? ", collapsed: it found no foreground in any validation case" : "";
  return (
    `${trial}: IoU ${score}${classes ? ` (${classes})` : ""}, ${annotatedSlices} slices, ` +
    `${describeSeconds(seconds)}${mark}`
  );
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function describeSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
