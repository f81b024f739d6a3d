import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { relativeDifference } from "../../testing/difference.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { type DeviceWatch, watchedGpu } from "../../testing/watchedGpu.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Batch, ModelSpec } from "../engine.ts";
import { optimiserReference, unoptimised } from "../kernels/optimiser.reference.ts";
import { unet } from "../networks/unet.ts";
import type { Network } from "../ops.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { elements } from "../plan/graph.ts";
import { Interpreter } from "../plan/interpret.ts";
import { record } from "../plan/record.ts";
import { initialWeights } from "../weights.ts";
import { GpuSession } from "./gpuSession.ts";
import { Recording } from "./recording.ts";
import { makeBuffers, readBuffer } from "./stepBuffers.ts";
import { flatWeightsOf, planTraining } from "./stepPlan.ts";
import { createWebgpuEngine, type WebgpuEngine } from "./webgpuEngine.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

const input = [2, 12, 10, 1];

const spec: ModelSpec = {
  network: unet({ classes: 2, width: 4, levels: 2, norm: "instance" }),
  input,
  classes: 2,
  loss: { crossEntropy: 1, dice: 1 },
  optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
};

const weights = initialWeights(describeNetwork(spec.network, input), seededRandom(1));

function batchOf(seed: number): Batch {
  const random = seededRandom(seed);
  const images = Float32Array.from({ length: elements(input) }, () => random.normal());
  const classes = Uint8Array.from(images, (v) => (v > 1.5 ? 255 : v > 0 ? 1 : 0));
  return { images, classes };
}

describe.skipIf(!gpu)("the WebGPU engine", () => {
  let engine: WebgpuEngine;
  let watch: DeviceWatch;
  beforeAll(async () => {
    const watched = watchedGpu(gpu as GPU);
    engine = await createWebgpuEngine(watched.gpu);
    watch = watched.watches[0] as DeviceWatch;
    return () => engine.dispose();
  });

  it("says what it runs on", () => {
    expect(engine.backend).toBe("webgpu");
    expect(engine.device).not.toBe("");
  });

  it("makes nothing after the second step, and as many dispatches in every step", async () => {
    const model = await engine.createModel(spec, weights);
    for (let step = 0; step < 2; step++) await model.step(batchOf(step), 1e-3);
    const before = { ...watch.calls };
    const bytes = watch.liveBytes;
    for (let step = 0; step < 10; step++) await model.step(batchOf(step), 1e-3);
    expect(watch.calls).toEqual({
      ...before,
      dispatches: before.dispatches + 10 * model.dispatches,
    });
    expect(watch.liveBytes).toBe(bytes);
    model.dispose();
  });

  it("replays what a fresh recording does, bit for bit, over 20 steps of changing batches", async () => {
    const model = await engine.createModel(spec, weights);
    const replayed: number[] = [];
    for (let step = 0; step < 20; step++) replayed.push(await model.step(batchOf(step), 3e-3));
    const learned = await model.readWeights();
    model.dispose();
    const fresh = await trainWithFreshRecordings(20, 3e-3);
    expect(replayed).toEqual(fresh.losses);
    for (const [name, values] of fresh.weights) expect(learned.get(name), name).toEqual(values);
    expect(replayed.at(-1)).toBeLessThan(replayed[0] ?? 0);
  });

  it("gives the losses of steps asked for at once in their order", async () => {
    const [first, second] = [
      await engine.createModel(spec, weights),
      await engine.createModel(spec, weights),
    ];
    expect(first.stepsAhead).toBeGreaterThan(1);
    const oneByOne: number[] = [];
    for (let step = 0; step < 7; step++) oneByOne.push(await first.step(batchOf(step), 1e-2));
    const steps = Array.from({ length: 7 }, (_, step) => second.step(batchOf(step), 1e-2));
    expect(await Promise.all(steps)).toEqual(oneByOne);
    first.dispose();
    second.dispose();
  });

  it("updates as AdamW in plain loops, decay and changing rates included", async () => {
    const model = await engine.createModel(spec, weights);
    const states = new Map(
      [...weights].map(([name, values]) => [name, unoptimised(spec.optimiser, values)]),
    );
    for (const [step, rate] of [1e-2, 3e-3, 1e-3].entries()) {
      await model.step(batchOf(step), rate);
      const gradients = await model.readGradients();
      for (const [name, state] of states) {
        const gradient = Float64Array.from(gradients.get(name) ?? []);
        optimiserReference(state, gradient, spec.optimiser, rate, step + 1);
      }
    }
    const learned = await model.readWeights();
    for (const [name, state] of states)
      for (const [i, expected] of state.weights.entries())
        expect(Math.abs((learned.get(name)?.[i] ?? Number.NaN) - expected), name).toBeLessThan(
          5e-7,
        );
    model.dispose();
  });

  it("stands large logits and more than 65,535 places", async () => {
    const shape = [1, 300, 301, 1];
    const network: Network = (ops, image) => ops.conv(image, "head", { out: 3, size: 1 });
    const given = new Map([
      ["head.kernel", Float32Array.of(80, -80, 0.5)],
      ["head.bias", Float32Array.of(0, 1, 2)],
    ]);
    const images = Float32Array.from({ length: elements(shape) }, (_, i) => Math.sin(i));
    const classes = Uint8Array.from(images, (_, i) => (i % 7 === 0 ? 255 : i % 3));
    const graph = differentiate(placeConcats(fuse(record(network, shape))));
    const wide = new Map([...given].map(([name, w]) => [name, Float64Array.from(w)]));
    const oracle = new Interpreter(graph, wide);
    oracle.forward(Float64Array.from(images));
    oracle.backward(graph.backward, classes, spec.loss);
    const model = await engine.createModel({ ...spec, network, input: shape, classes: 3 }, given);
    const loss = await model.step({ images, classes }, 1e-3);
    expect(Math.abs(loss / oracle.loss - 1)).toBeLessThan(1e-5);
    const gradients = await model.readGradients();
    for (const [name, expected] of oracle.gradients)
      expect(relativeDifference(gradients.get(name) ?? [], expected), name).toBeLessThan(1e-5);
    model.dispose();
  });

  it("predicts images of other sizes, the same before and after others", async () => {
    const model = await engine.createModel(spec, weights);
    const predict = (shape: readonly number[]) =>
      model.predict(new Float32Array(elements(shape)).fill(0.5), shape);
    const shapes = [2, 3, 4, 5, 6].map((n) => [1, 2 * n, 8, 1]);
    const first = await Promise.all(shapes.map(predict));
    expect(first.map((logits) => logits.length)).toEqual(shapes.map((s) => elements(s) * 2));
    expect(await Promise.all(shapes.map(predict))).toEqual(first);
    model.dispose();
  });

  it("frees everything that a model held", async () => {
    const before = watch.liveBytes;
    const model = await engine.createModel(spec, weights);
    await model.step(batchOf(0), 1e-3);
    await model.predict(new Float32Array(64), [1, 8, 8, 1]);
    expect(watch.liveBytes).toBeGreaterThan(before);
    model.dispose();
    await expect(model.step(batchOf(0), 1e-3)).rejects.toThrow("the model was disposed");
    expect(watch.liveBytes).toBe(before);
  });

  it("keeps the weights it was given until a step, and reads them back", async () => {
    const model = await engine.createModel(spec, weights);
    const read = await model.readWeights();
    expect([...read.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [name, values] of weights) expect(read.get(name), name).toEqual(values);
    model.dispose();
  });

  it("stops at a loss that is not finite and leaves the weights as they were", async () => {
    const model = await engine.createModel(spec, weights);
    const batch = batchOf(0);
    batch.images[7] = Number.NaN;
    await expect(model.step(batch, 1e-3)).rejects.toMatchObject({ code: "divergence" });
    const read = await model.readWeights();
    for (const [name, values] of weights) expect(read.get(name), name).toEqual(values);
    model.dispose();
  });

  it("gives zero loss and no gradient where nothing is annotated", async () => {
    const model = await engine.createModel(spec, weights);
    const { images } = batchOf(0);
    const classes = new Uint8Array(images.length).fill(255);
    expect(await model.step({ images, classes }, 1e-3)).toBe(0);
    for (const gradient of (await model.readGradients()).values())
      expect(gradient.every((value) => value === 0)).toBe(true);
    model.dispose();
  });

  it.each([
    [
      { images: new Float32Array(3), classes: new Uint8Array(240) },
      "images of a batch must have 240 values for [2, 12, 10, 1], got 3",
    ],
    [
      { images: new Float32Array(240), classes: new Uint8Array(3) },
      "classes of a batch must have 240 values for [2, 12, 10, 1], got 3",
    ],
    [
      { images: new Float32Array(240), classes: new Uint8Array(240).fill(2) },
      "classes of a batch must be below 2 or 255, got 2",
    ],
  ])("refuses a batch that does not fit", async (batch, message) => {
    const model = await engine.createModel(spec, weights);
    await expect(model.step(batch, 1e-3)).rejects.toThrow(message);
    model.dispose();
  });

  it("refuses weights that are missing", async () => {
    await expect(engine.createModel(spec, new Map())).rejects.toThrow(
      "weight down0.a.kernel must have 36 values, got none",
    );
  });

  it("says that memory is short, and goes on with what fits", async () => {
    const { device } = watch;
    const popErrorScope = device.popErrorScope.bind(device);
    const full = async () => {
      await popErrorScope();
      return { message: "out of memory" } as GPUError;
    };
    const before = watch.liveBytes;
    Object.assign(device, { popErrorScope: full });
    await expect(engine.createModel(spec, weights)).rejects.toThrow(
      /^the GPU has no room for another \d+ MB; use a smaller batch or patch/,
    );
    Object.assign(device, { popErrorScope });
    expect(watch.liveBytes).toBe(before);
    const model = await engine.createModel(spec, weights);
    await model.step(batchOf(0), 1e-3);
    model.dispose();
  });

  it("lets no number out after the device reported an error or was lost", async () => {
    for (const harm of ["error", "loss"] as const) {
      const watched = watchedGpu(gpu as GPU);
      const broken = await createWebgpuEngine(watched.gpu);
      const model = await broken.createModel(spec, weights);
      const device = watched.watches[0]?.device;
      if (harm === "loss") device?.destroy();
      else
        device?.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
      await device?.queue.onSubmittedWorkDone().catch(() => undefined);
      for (const call of [
        () => model.step(batchOf(0), 1e-3),
        () => model.predict(new Float32Array(64), [1, 8, 8, 1]),
        () => model.readWeights(),
        () => broken.createModel(spec, weights),
      ])
        await expect(call(), harm).rejects.toMatchObject({ code: "device" });
      broken.dispose();
    }
  });
});

/** The same steps, with pipelines looked up and a bind group made anew for each. */
async function trainWithFreshRecordings(steps: number, rate: number) {
  const session = await GpuSession.open(gpu as GPU);
  const graph = differentiate(placeConcats(fuse(record(spec.network, input))));
  const flat = flatWeightsOf(graph);
  const plan = planTraining(graph, flat, spec, session.traits);
  const packed = flat.pack(weights);
  const buffers = makeBuffers(session, plan, packed.byteLength, spec.optimiser);
  const { queue } = session.device;
  queue.writeBuffer(buffers.weights, 0, packed);
  queue.writeBuffer(buffers.ranges, 0, plan.ranges);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = batchOf(step);
    const corrections = [0.9, 0.999].map((beta) => 1 / (1 - beta ** (step + 1)));
    queue.writeBuffer(buffers.scalars, 0, new Float32Array([rate, ...corrections]));
    queue.writeBuffer(buffers.image, 0, new Float32Array(batch.images));
    queue.writeBuffer(buffers.labels, 0, new Uint8Array(batch.classes));
    const recording = await Recording.make(session, plan, buffers);
    const encoder = session.device.createCommandEncoder();
    recording.replay(encoder);
    queue.submit([encoder.finish()]);
    const arena = await readBuffer(session, buffers.arena);
    losses.push(arena[(plan.lossByte ?? 0) / 4] ?? Number.NaN);
    recording.dispose();
  }
  const learned = flat.unpack(await readBuffer(session, buffers.weights));
  session.close();
  return { losses, weights: learned };
}
