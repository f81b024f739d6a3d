import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { neverStopped, openGate } from "#core/context.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import type { Split } from "#core/experiment/split.ts";
import { expandExperiment, type Trial } from "#core/experiment/trial.ts";
import { seededRandom } from "#core/random.ts";
import { type CheckpointStore, memoryCheckpoint } from "#core/results/checkpointStore.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { morphologicalFiles } from "../../testing/morphologicalFiles.ts";
import { watchedGpu } from "../../testing/watchedGpu.ts";
import { createCpuEngine } from "../cpu/createCpuEngine.ts";
import { watchEngine } from "../devices/engineInUse.ts";
import type { Engine } from "../engine.ts";
import { memoryEncoders } from "../interpolation/interpolationMeans.ts";
import type { Network } from "../ops.ts";
import { createWebgpuEngine } from "../webgpu/webgpuEngine.ts";
import { completeTrial } from "./completeTrial.ts";
import { networks } from "./methods.ts";
import { runTrial, type TrialContext } from "./runTrial.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

const split: Split = { pool: ["a", "b"], validation: [], test: ["c"] };
const caseOf = async (id: string) => phantomCase(id, [4, 16, 16], seededRandom(3).fork(id));
const steps = 9;
const [trial] = expandExperiment(
  parseExperiment({
    densities: [0.5],
    volumeFractions: [1],
    strategies: ["fixedInterval"],
    repeats: 1,
    iterations: steps,
    batchSize: 2,
  }),
) as [Trial];

/** Small: each new device compiles its shaders anew. */
const small: Network = (ops, image) =>
  ops.conv(ops.relu(ops.conv(image, "a", { out: 4, size: 3 })), "head", { out: 2, size: 1 });

beforeEach(() => {
  vi.spyOn(networks, "unet2d").mockReturnValue({ network: small, multiple: 1, dimensions: 2 });
});
afterEach(() => vi.restoreAllMocks());

type Context = Omit<TrialContext, "engine">;

const contextOf = (more: Partial<Context> = {}): Context => ({
  split,
  target: { names: ["ball"], scored: [1] },
  cohort: "voxels",
  interpolation: { morphological: morphologicalFiles, encoders: memoryEncoders() },
  experiment: "print",
  cases: { shapeOf: () => [4, 16, 16], caseOf },
  signal: neverStopped,
  gate: openGate,
  report: () => undefined,
  ...more,
});

/** A store that tells what is done to it, beside what it keeps. */
function toldStore(): CheckpointStore & {
  readonly told: string[];
  readonly inner: CheckpointStore;
} {
  const told: string[] = [];
  const inner = memoryCheckpoint();
  return {
    told,
    inner,
    save: (step, bytes) => {
      told.push(`save ${step}`);
      return inner.save(step, bytes);
    },
    load: inner.load,
    remove: () => {
      told.push("remove");
      return inner.remove();
    },
  };
}

/** Runs a trial until the step and stops it there. */
async function stopped(engine: Engine, step: number, checkpoint: CheckpointStore): Promise<void> {
  const stop = new AbortController();
  const report: TrialContext["report"] = (progress) => {
    if (progress.phase === "train" && progress.step === step) stop.abort();
  };
  const running = runTrial(trial, {
    ...contextOf({ report, checkpoint }),
    engine,
    signal: stop.signal,
  });
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
}

const engines: [string, (() => Promise<Engine>) | null][] = [
  ["CPU", () => createCpuEngine()],
  ["WebGPU", gpu ? () => createWebgpuEngine(gpu) : null],
];

describe.each(engines)("a trial on %s", (_, start) => {
  let started: Engine | null = null;
  const engineOf = async () => {
    started ??= (await start?.()) ?? null;
    if (!started) throw new Error("no engine");
    return started;
  };
  afterAll(() => started?.dispose());

  it.skipIf(!start)("goes on from where it was stopped to the same numbers", async () => {
    const engine = await engineOf();
    const expected = await runTrial(trial, { ...contextOf(), engine });
    const checkpoint = toldStore();
    await stopped(engine, 4, checkpoint);
    expect(checkpoint.told).toHaveLength(1);
    const reported: number[] = [];
    const result = await runTrial(trial, {
      ...contextOf({
        checkpoint,
        report: ({ phase, step }) => phase === "train" && reported.push(step),
      }),
      engine,
    });
    expect(reported[0]).toBeGreaterThan(4);
    expect(reported.at(-1)).toBe(steps);
    expect(result).toMatchObject({ status: "done", iou: expected.iou });
    expect(result.finalLoss).toBe(expected.finalLoss);
    expect(checkpoint.told.at(-1)).toBe("remove");
    expect(await checkpoint.load()).toBeNull();
  });

  it.skipIf(!start)(
    "keeps a checkpoint as often as it is asked to, at the same numbers",
    async () => {
      const engine = await engineOf();
      const expected = await runTrial(trial, { ...contextOf(), engine });
      const checkpoint = toldStore();
      const result = await runTrial(trial, {
        ...contextOf({ checkpoint, checkpointSeconds: 0 }),
        engine,
      });
      const saves = Array.from({ length: steps + 1 }, (_, step) => `save ${step}`);
      expect(checkpoint.told).toEqual([...saves, "remove"]);
      expect(result.finalLoss).toBe(expected.finalLoss);
    },
  );

  it.skipIf(!start)("starts anew where the checkpoint is of another trial or damaged", async () => {
    const engine = await engineOf();
    for (const harm of ["other", "damaged"] as const) {
      const checkpoint = memoryCheckpoint();
      await stopped(engine, 4, checkpoint);
      if (harm === "damaged")
        await checkpoint.save(4, (await checkpoint.load())?.fill(7, 40, 50) ?? new Uint8Array());
      const reported: number[] = [];
      const result = await runTrial(trial, {
        ...contextOf({
          checkpoint,
          experiment: harm === "other" ? "another" : "print",
          report: ({ phase, step }) => phase === "train" && reported.push(step),
        }),
        engine,
      });
      expect(result.status).toBe("done");
      expect(reported).toHaveLength(steps);
    }
  });

  it.skipIf(!start)("is not harmed by a store that fails", async () => {
    const full = async () => Promise.reject(new Error("the disk is full"));
    const checkpoint = { save: full, load: full, remove: full };
    const engine = await engineOf();
    const result = await runTrial(trial, {
      ...contextOf({ checkpoint, checkpointSeconds: 0 }),
      engine,
    });
    expect(result.status).toBe("done");
  });
});

describe.skipIf(!gpu)("a trial whose graphics device is lost", () => {
  /** Engines whose devices end themselves when a trial has come to a step, as often as told. */
  function losing(times: number, step: number) {
    const watched = watchedGpu(gpu as GPU);
    let current: ReturnType<typeof watchEngine> | null = null;
    const nextEngine = async () => {
      if (current?.hasFailed()) {
        current.engine.dispose();
        current = null;
      }
      current ??= watchEngine(await createWebgpuEngine(watched.gpu));
      return current;
    };
    let left = times;
    const report: TrialContext["report"] = (progress) => {
      if (progress.phase !== "train" || progress.step !== step || left === 0) return;
      left--;
      watched.watches.at(-1)?.device.destroy();
    };
    return {
      ...{ nextEngine, report },
      watches: watched.watches,
      end: () => current?.engine.dispose(),
    };
  }

  it("is done on a fresh one from its last checkpoint, to the same numbers", async () => {
    const engine = await createWebgpuEngine(gpu as GPU);
    const expected = await runTrial(trial, { ...contextOf(), engine });
    engine.dispose();
    const { nextEngine, report, watches, end } = losing(1, 5);
    const reported: number[] = [];
    const retries: string[] = [];
    const { result, deviceFailed } = await completeTrial(trial, {
      ...contextOf({
        checkpointSeconds: 0,
        report: (progress) => {
          if (progress.phase === "train") reported.push(progress.step);
          report(progress);
        },
      }),
      nextEngine,
      retrying: (why) => retries.push(why),
    });
    expect(retries).toHaveLength(1);
    expect(deviceFailed).toBe(false);
    expect(result).toMatchObject({ status: "done", iou: expected.iou });
    expect(result.finalLoss).toBe(expected.finalLoss);
    // Each step once, or twice where it was not kept yet when the device was lost.
    expect(new Set(reported).size).toBe(steps);
    expect(reported.length).toBeLessThan(2 * steps);
    end();
    expect(watches.map(({ liveBytes }) => liveBytes)).toEqual([0, 0]);
  });

  it("fails when it is lost again, with everything freed", async () => {
    const { nextEngine, report, watches, end } = losing(2, 2);
    const { result, deviceFailed } = await completeTrial(trial, {
      ...contextOf({ report }),
      nextEngine,
    });
    expect(deviceFailed).toBe(true);
    expect(result).toMatchObject({ status: "failed", iou: null });
    expect(result.error).toContain("the GPU was lost");
    end();
    expect(watches.map(({ liveBytes }) => liveBytes)).toEqual([0, 0]);
  });
});
