import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine } from "../engine.ts";
import { unet } from "../networks/unet.ts";
import { initialWeights } from "../weights.ts";
import { startCpu } from "./startCpu.ts";

describe("the CPU path", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startCpu(wasmFiles);
  });

  const network = unet({ classes: 2, width: 2, levels: 2, norm: "instance" });
  const input = [2, 8, 8, 1];
  const optimiser = {
    kind: "adamw",
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
  } as const;
  const spec = { network, input, classes: 2, loss: { crossEntropy: 1, dice: 1 }, optimiser };
  const weights = initialWeights(describeNetwork(network, input), seededRandom(1));
  const images = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i * i));
  const batch = { images, classes: Uint8Array.from(images, (v) => (v > 0 ? 1 : 0)) };

  it("says what it computes on", () => {
    expect(engine).toMatchObject({ backend: "cpu", device: "WebAssembly, 1 thread" });
  });

  it("keeps no tensors from step to step, and frees all", async () => {
    const before = tf.memory().numTensors;
    const model = await engine.createModel(spec, weights);
    const counts: number[] = [];
    for (let step = 0; step < 3; step++) {
      await model.step(batch, 1e-3);
      await model.predict(images, input);
      await model.readWeights();
      counts.push(tf.memory().numTensors - before);
    }
    expect(counts).toEqual([3, 3, 3]);
    model.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("keeps nothing when a step is refused", async () => {
    const model = await engine.createModel(spec, weights);
    const before = tf.memory().numTensors;
    const wrong = { images, classes: new Uint8Array(128).fill(7) };
    await expect(model.step(wrong, 1e-3)).rejects.toThrow("classes must be 0..1 or 255");
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it("rejects a step whose loss is not finite", async () => {
    const model = await engine.createModel(spec, weights);
    const broken = { ...batch, images: images.map(() => Number.NaN) };
    await expect(model.step(broken, 1e-3)).rejects.toMatchObject({
      code: "divergence",
      message: expect.stringContaining("the loss of step 1 is not finite"),
    });
    model.dispose();
  });

  it("reads back the weights it was given", async () => {
    const model = await engine.createModel(spec, weights);
    expect(await model.readWeights()).toEqual(weights);
    model.dispose();
  });

  it("learns nothing where nothing is annotated", async () => {
    const model = await engine.createModel(spec, weights);
    const blank = { images, classes: new Uint8Array(128).fill(255) };
    expect(await model.step(blank, 1e-3)).toBe(0);
    expect(await model.readWeights()).toEqual(weights);
    model.dispose();
  });
});
