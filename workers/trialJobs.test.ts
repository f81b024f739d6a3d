import { afterEach, describe, expect, it } from "vitest";
import { PlannerError } from "#core/errors.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { splitCohort } from "#core/experiment/split.ts";
import { expandExperiment } from "#core/experiment/trial.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import type { Engine } from "#nn/engine.ts";
import { morphologicalFiles } from "../testing/morphologicalFiles.ts";
import { wasmFiles } from "../testing/wasmFiles.ts";
import { type Endpoint, isAbort, WorkerClient } from "./client.ts";
import { cohortJobs } from "./cohortJobs.ts";
import { engineStarter, type StartEngine } from "./engines.ts";
import { memoryArea } from "./fileArea.ts";
import { type Scope, serve } from "./host.ts";
import type { CohortFile, Jobs } from "./protocol.ts";
import { trialJobs } from "./trialJobs.ts";
import { createVoxelStore } from "./voxelStore.ts";

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Engines of these tests are made to fail in their own ways; `checkEngine.test.ts` checks. */
const knownChecks = { has: async () => true, add: async () => undefined };

const cpu = engineStarter(undefined, wasmFiles);

function worker(startEngine: StartEngine = cpu) {
  const area = memoryArea();
  let reads = 0;
  const store = createVoxelStore({
    ...area,
    read: (name) => {
      if (name.endsWith(".voxels")) reads++;
      return area.read(name);
    },
  });
  const openStore = async () => store;
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve(port2 as unknown as Scope, {
    ...cohortJobs(openStore),
    ...trialJobs({
      openStore,
      gpu: undefined,
      startEngine,
      knownChecks,
      morphological: morphologicalFiles,
    }),
  });
  return { client: new WorkerClient(port1 as unknown as Endpoint), readCount: () => reads };
}

const files: CohortFile[] = ["a", "b", "c", "d"].flatMap((id) => {
  const { image, mask } = phantomCase(id, [4, 16, 16], seededRandom(3).fork(id));
  return [
    { path: `images/${id}.nii`, file: new Blob([writeNifti(image) as BlobPart]) },
    { path: `labels/${id}.nii`, file: new Blob([writeNifti(mask, image) as BlobPart]) },
  ];
});

const experiment = parseExperiment({
  densities: [0.5],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
  repeats: 3,
  iterations: 4,
  batchSize: 2,
  split: { test: ["d"] },
});
const [trial] = expandExperiment(experiment) as [Jobs["runTrial"]["input"]["trial"]];

async function inputOf(client: WorkerClient): Promise<Jobs["runTrial"]["input"]> {
  const { cohort } = await client.run("readCohort", { name: "phantoms", files });
  return {
    trial,
    experiment: "print",
    cohortId: cohort.id,
    target: experiment.target,
    split: splitCohort(cohort.cases, experiment.split),
    choice: "cpu",
  };
}

/** The CPU engine with a device that breaks at the given steps, counted over all models. */
function breaking(engine: Engine, isBroken: (step: number) => boolean): Engine {
  let steps = 0;
  return {
    ...engine,
    createModel: async (spec, weights) => {
      const model = await engine.createModel(spec, weights);
      return {
        stepsAhead: model.stepsAhead,
        bytes: model.bytes,
        step: async (batch, rate) => {
          if (isBroken(++steps)) throw new PlannerError("device", "the graphics device was lost");
          return model.step(batch, rate);
        },
        predict: (images, shape) => model.predict(images, shape),
        stepTowards: (...all) => model.stepTowards(...all),
        readWeights: () => model.readWeights(),
        readState: () => model.readState(),
        writeState: (state) => model.writeState(state),
        dispose: () => model.dispose(),
      };
    },
  };
}

describe("trials in a worker", () => {
  it("run on stored cases, and the next one needs no files again", async () => {
    const { client, readCount } = worker();
    const input = await inputOf(client);
    const phases = new Set<string>();
    const before = readCount();
    const first = await client.run("runTrial", input, {
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect(first.result).toMatchObject({
      status: "done",
      experiment: "print",
      volumes: 3,
      annotatedSlices: 6,
      backend: "cpu",
    });
    expect(first.result.iou?.perCase.map((one) => one.case)).toEqual(["d"]);
    expect(first.deviceFailed).toBe(false);
    expect([...phases]).toEqual(["prepare", "train", "evaluate"]);
    expect(readCount() - before).toBe(4);
    const second = await client.run("runTrial", input);
    expect(readCount() - before).toBe(4);
    expect(second.result.iou).toEqual(first.result.iou);
    expect(second.result.finalLoss).toBe(first.result.finalLoss);
  });

  it("are refused when the cohort's voxels are gone", async () => {
    const { client } = worker();
    const input = await inputOf(client);
    await client.run("keepCohorts", { cohortIds: [] });
    await expect(client.run("runTrial", input)).rejects.toMatchObject({
      code: "storage",
      message: expect.stringContaining("no longer stored"),
    });
  });

  /** A worker whose first engines lose their device in the third step. */
  function losing(broken: number) {
    const count = { started: 0, disposed: 0 };
    const { client } = worker(async (backend) => {
      const isBroken = ++count.started <= broken;
      return {
        ...breaking(await cpu(backend), (step) => isBroken && step === 3),
        dispose: () => {
          count.disposed++;
        },
      };
    });
    return { client, count };
  }

  it("are tried once more on a fresh engine where the device is lost", async () => {
    const { client } = worker();
    const expected = await client.run("runTrial", await inputOf(client));
    const { client: unlucky, count } = losing(1);
    const input = await inputOf(unlucky);
    const { result, deviceFailed } = await unlucky.run("runTrial", input);
    expect(deviceFailed).toBe(false);
    expect(result).toMatchObject({ status: "done", iou: expected.result.iou });
    expect(result.finalLoss).toBe(expected.result.finalLoss);
    expect(count).toEqual({ started: 2, disposed: 1 });
    await unlucky.run("runTrial", input);
    expect(count.started).toBe(2);
  });

  it("fail where it is lost again, and the next one gets a fresh engine", async () => {
    const { client, count } = losing(2);
    const input = await inputOf(client);
    const first = await client.run("runTrial", input);
    expect(first.deviceFailed).toBe(true);
    expect(first.result).toMatchObject({
      status: "failed",
      error: "the graphics device was lost",
      iou: null,
    });
    const second = await client.run("runTrial", input);
    expect(second).toMatchObject({ deviceFailed: false, result: { status: "done" } });
    expect(count).toEqual({ started: 3, disposed: 2 });
  });

  it("that were cancelled go on from where they were", async () => {
    const { client } = worker();
    const input = await inputOf(client);
    const expected = await client.run("runTrial", input);
    const stop = new AbortController();
    const cancelled = client.run("runTrial", input, {
      signal: stop.signal,
      onProgress: ({ phase, step }) => phase === "train" && step === 2 && stop.abort(),
    });
    expect(isAbort(await cancelled.catch((thrown: unknown) => thrown))).toBe(true);
    const steps: number[] = [];
    const { result } = await client.run("runTrial", input, {
      onProgress: ({ phase, step }) => phase === "train" && steps.push(step),
    });
    expect(steps.length).toBeLessThan(trial.training.iterations);
    expect(steps.at(-1)).toBe(trial.training.iterations);
    expect(result.iou).toEqual(expected.result.iou);
    expect(result.finalLoss).toBe(expected.result.finalLoss);
  });

  it("say so when the engine does not start", async () => {
    const { client } = worker(async () => {
      throw new PlannerError("device", "the CPU path did not start");
    });
    const input = await inputOf(client);
    await expect(client.run("runTrial", input)).rejects.toMatchObject({ code: "device" });
  });

  it("stop when they are cancelled, and never run two at a time", async () => {
    const { client } = worker();
    const input = await inputOf(client);
    const stop = new AbortController();
    const long = { ...trial, training: { ...trial.training, iterations: 100_000 } };
    const cancelled = client.run(
      "runTrial",
      { ...input, trial: long },
      {
        signal: stop.signal,
        onProgress: ({ phase, step }) => phase === "train" && step === 3 && stop.abort(),
      },
    );
    const next = client.run("runTrial", input);
    expect(isAbort(await cancelled.catch((thrown: unknown) => thrown))).toBe(true);
    expect((await next).result.status).toBe("done");
  });

  it("measure the speed of a device", async () => {
    const { client } = worker();
    const speed = await client.run("calibrate", {
      choice: "cpu",
      network: "unet2d",
      classes: 2,
      shape: [8, 16, 16],
      training: trial.training,
    });
    expect(speed.secondsPerStep).toBeGreaterThan(0);
    expect(speed.secondsPerSlice).toBeGreaterThan(0);
  });

  it("say that the device was checked", async () => {
    const { client } = worker();
    const report = await client.run("checkDevice", { choice: "auto" });
    expect(report.chosen).toBe("cpu");
  });

  it("find the devices, and refuse one that is not there", async () => {
    const { client } = worker();
    const report = await client.run("probeDevices", { choice: "auto" });
    expect(report.chosen).toBe("cpu");
    expect(report.reason).toContain("WebGPU");
    await expect(client.run("probeDevices", { choice: "webgpu" })).rejects.toMatchObject({
      code: "device",
    });
  });
});
