import { describe, expect, it } from "vitest";
import { neverStopped } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { expandExperiment, type Trial } from "#core/experiment/trial.ts";
import type { TrialResult } from "#core/results/result.ts";
import { trialResult } from "#core/results/trialResult.ts";
import type { TrialRunner } from "../runTrials.ts";
import { runPool } from "./runPool.ts";
import { ProcessDied } from "./trialProcess.ts";

const trials = expandExperiment(
  parseExperiment({
    densities: [0.1, 0.2, 0.4],
    volumeFractions: [0.5, 1],
    strategies: ["fixedInterval"],
    repeats: 1,
  }),
);

const done = (trial: Trial): TrialResult =>
  trialResult(
    trial,
    { experiment: "e", volumes: 1, annotatedSlices: 1, seconds: 1, backend: "cpu", device: "d" },
    { status: "done", error: null, iou: null, finalLoss: 1, secondsPerStep: 1 },
  );

/** A store and a watcher that remember, and runners that do what a test says. */
function pool(act: (trial: Trial, time: number) => Promise<TrialResult>, runners = 3) {
  const kept: TrialResult[] = [];
  const times = new Map<string, number>();
  let most = 0;
  let busy = 0;
  const runner: TrialRunner = {
    run: async (trial) => {
      most = Math.max(most, ++busy);
      const time = (times.get(trial.id) ?? 0) + 1;
      times.set(trial.id, time);
      try {
        // Another lane gets its turn.
        await new Promise((resolve) => setImmediate(resolve));
        return await act(trial, time);
      } finally {
        busy--;
      }
    },
  };
  const store = { put: async (one: TrialResult) => void kept.push(one), all: async () => kept };
  const watcher = { begin: () => undefined, update: () => undefined, end: () => undefined };
  const lanes = Array.from({ length: runners }, () => runner);
  const start = (signal = neverStopped) => runPool(trials, lanes, "e", store, watcher, signal);
  return { start, kept, times, most: () => most };
}

describe("runPool", () => {
  it("runs every trial once, as many side by side as there are runners", async () => {
    const { start, kept, times, most } = pool(async (trial) => done(trial));
    await start();
    expect(kept.map(({ trial }) => trial).sort()).toEqual(trials.map(({ id }) => id).sort());
    expect([...times.values()]).toEqual(trials.map(() => 1));
    expect(most()).toBe(3);
  });

  it("tries a trial whose process died again, and the rest meanwhile", async () => {
    const unlucky = trials[1]?.id;
    const { start, kept, times } = pool(async (trial, time) => {
      if (trial.id === unlucky && time < 3) throw new ProcessDied("killed");
      return done(trial);
    });
    await start();
    expect(times.get(unlucky ?? "")).toBe(3);
    expect(kept.map(({ status }) => status)).toEqual(trials.map(() => "done"));
    expect(kept.at(-1)?.trial).toBe(unlucky);
  });

  it("sets a trial aside that no process survives", async () => {
    const poisoned = trials[0]?.id;
    const { start, kept, times } = pool(async (trial) => {
      if (trial.id === poisoned) throw new ProcessDied("the training process ended (SIGSEGV)");
      return done(trial);
    });
    await start();
    expect(times.get(poisoned ?? "")).toBe(3);
    expect(kept).toHaveLength(trials.length);
    expect(kept.find(({ trial }) => trial === poisoned)).toMatchObject({
      status: "failed",
      experiment: "e",
      error: "set aside after 3 tries: the training process ended (SIGSEGV)",
    });
  });

  it("stops every lane when one cannot train, and keeps what is finished", async () => {
    const { start, kept, times } = pool(async (trial) => {
      if (trial.id === trials[2]?.id) throw new PlannerError("device", "no GPU here");
      return done(trial);
    });
    await expect(start()).rejects.toThrow("no GPU here");
    expect(kept.length).toBeGreaterThan(0);
    expect(times.size).toBeLessThan(trials.length);
  });

  it("stops when asked, and keeps what is finished", async () => {
    const stop = new AbortController();
    const { start, kept } = pool(async (trial) => {
      if (trial.id === trials[1]?.id) stop.abort(new Error("asked to"));
      return done(trial);
    }, 1);
    await expect(start(stop.signal)).rejects.toThrow("asked to");
    expect(kept.map(({ trial }) => trial)).toEqual([trials[0]?.id, trials[1]?.id]);
  });
});
