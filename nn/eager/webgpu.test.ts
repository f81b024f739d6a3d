import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { relativeDifference } from "../../testing/difference.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { opCases, type ShapedValues } from "../../testing/opReference.ts";
import { hasShared } from "../../testing/reference.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine } from "../engine.ts";
import { unet } from "../networks/unet.ts";
import { initialWeights } from "../weights.ts";
import { guardedOps } from "./guardedOps.ts";
import { startCpu } from "./startCpu.ts";
import { startWebgpu } from "./startWebgpu.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`WebGPU is not tested here: ${reason}\n`);

const optimiser = {
  kind: "adamw",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 1e-5,
} as const;

function small(dimensions: 2 | 3) {
  const network = unet({ classes: 2, width: 2, levels: 2, norm: "instance" });
  const input = [2, ...Array<number>(dimensions).fill(8), 1];
  const places = 2 * 8 ** dimensions;
  const random = seededRandom(3);
  const images = Float32Array.from({ length: places }, () => random.normal());
  const batch = { images, classes: Uint8Array.from(images, (v) => (v > 1 ? 255 : v > 0 ? 1 : 0)) };
  const weights = initialWeights(describeNetwork(network, input), seededRandom(1));
  const spec = { network, input, classes: 2, loss: { crossEntropy: 1, dice: 1 }, optimiser };
  return { spec, weights, batch, input };
}

/** Logits before and losses of a few steps. */
async function train(engine: Engine, { spec, weights, batch, input }: ReturnType<typeof small>) {
  const model = await engine.createModel(spec, weights);
  const logits = await model.predict(batch.images, input);
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) losses.push(await model.step(batch, 1e-3));
  const learned = await model.readWeights();
  model.dispose();
  return { logits, losses, learned };
}

describe.skipIf(!gpu)("WebGPU", () => {
  let engine: Engine;
  let device: GPUDevice;
  beforeAll(async () => {
    const watched = watchDevices(gpu as GPU);
    engine = await startWebgpu(watched.gpu);
    device = watched.opened();
  });

  it.each([2, 3] as const)("trains in %dD as the CPU path does", async (dimensions) => {
    const got = await train(engine, small(dimensions));
    const cpu = await startCpu(wasmFiles);
    const expected = await train(cpu, small(dimensions));
    expect(relativeDifference(got.logits, expected.logits)).toBeLessThan(1e-4);
    expect(relativeDifference(got.losses, expected.losses)).toBeLessThan(1e-4);
    for (const [name, values] of expected.learned) {
      // Without a gradient but rounding, AdamW moves a bias before a norm either way.
      if (name.endsWith(".bias")) continue;
      expect(relativeDifference(got.learned.get(name) ?? [], values), name).toBeLessThan(1e-2);
    }
  });

  it.skipIf(!hasShared)("computes the ops and their gradients as PyTorch", async () => {
    const tensorOf = ({ values, shape }: ShapedValues) => tf.tensor(values, [...shape]);
    await tf.setBackend("webgpu");
    const picked = /k3_p1$|k3_s2_p1_odd|dil2|convT.d_k2_s2$|maxpool|affine|leaky|up_frac/;
    const cases = opCases().filter(({ name }) => picked.test(name));
    expect(cases.length).toBeGreaterThan(12);
    for (const one of cases) {
      const names = [...one.weights.keys()];
      const inputs = [one.x, ...one.weights.values()].map(tensorOf);
      const like = tensorOf(one.output);
      const run = (x: tf.Tensor, ...weights: tf.Tensor[]) =>
        one.apply(guardedOps(new Map(weights.map((w, i) => [names[i] ?? "", w]))), x, like);
      const output = run(...(inputs as [tf.Tensor]));
      const gradients = tf.grads((...all: tf.Tensor[]) => run(...(all as [tf.Tensor])))(
        inputs,
        tensorOf(one.outputGradient),
      );
      expect(relativeDifference(await output.data(), one.output.values), one.name).toBeLessThan(
        2e-5,
      );
      const expected = [one.inputGradient, ...names.map((name) => one.weightGradients.get(name))];
      for (const [index, gradient] of expected.entries()) {
        if (!gradient) continue;
        const got = (await gradients[index]?.data()) ?? [];
        expect(relativeDifference(got, gradient.values), one.name).toBeLessThan(5e-5);
      }
    }
  });

  it("keeps no tensors from step to step, and frees all", async () => {
    await tf.setBackend("webgpu");
    const before = tf.memory().numTensors;
    const { spec, weights, batch } = small(2);
    const model = await engine.createModel(spec, weights);
    const counts: number[] = [];
    for (let step = 0; step < 3; step++) {
      await model.step(batch, 1e-3);
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("rejects the next step after an error nobody caught, then goes on", async () => {
    const { spec, weights, batch, input } = small(2);
    const model = await engine.createModel(spec, weights);
    await model.step(batch, 1e-3);
    device.createShaderModule({ code: "this is no shader" });
    // The event comes when the device is polled.
    await device.queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const failed = { name: "PlannerError", code: "device" };
    await expect(model.step(batch, 1e-3)).rejects.toMatchObject(failed);
    await expect(model.predict(batch.images, input)).resolves.toHaveLength(256);
    model.dispose();
  });

  it("rejects a step in which a shader fails, whatever number came out", async () => {
    const { spec, weights, batch } = small(2);
    const model = await engine.createModel(spec, weights);
    const original = device.createShaderModule.bind(device);
    device.createShaderModule = () => original({ code: "this is no shader" });
    try {
      const other = { ...spec, input: [1, 12, 12, 1] };
      const fresh = await engine.createModel(other, weights);
      const outcome = fresh.predict(new Float32Array(5 * 20 * 20), [5, 20, 20, 1]);
      await expect(outcome).rejects.toMatchObject({ name: "PlannerError", code: "device" });
    } finally {
      device.createShaderModule = original;
    }
    model.dispose();
    expect(batch.images).toHaveLength(128);
  });

  it("rejects everything once the device is lost", async () => {
    const { spec, weights, batch } = small(2);
    const model = await engine.createModel(spec, weights);
    device.destroy();
    await device.lost;
    await expect(model.step(batch, 1e-3)).rejects.toMatchObject({ code: "device" });
    await expect(engine.createModel(spec, weights)).rejects.toMatchObject({ code: "device" });
  });
});

/** A GPU that remembers the device it gave. */
function watchDevices(gpu: GPU): { gpu: GPU; opened: () => GPUDevice } {
  let opened: GPUDevice | null = null;
  const watched = {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = await gpu.requestAdapter(options);
      if (!adapter) return null;
      return new Proxy(adapter, {
        get: (target, key) => {
          if (key === "requestDevice") {
            return async (descriptor: GPUDeviceDescriptor) => {
              opened = await target.requestDevice(descriptor);
              return opened;
            };
          }
          return Reflect.get(target, key, target);
        },
      });
    },
  } as unknown as GPU;
  return {
    gpu: watched,
    opened: () => {
      if (!opened) throw new Error("no device was opened");
      return opened;
    },
  };
}
