import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { relativeDifference } from "../testing/difference.ts";
import { openTestGpu } from "../testing/gpu.ts";
import { wasmFiles } from "../testing/wasmFiles.ts";
import { createCpuEngine } from "./cpu/createCpuEngine.ts";
import { describeNetwork } from "./describeNetwork.ts";
import { startCpu } from "./eager/startCpu.ts";
import type { Engine, ModelSpec, Objective } from "./engine.ts";
import { lossReference } from "./kernels/loss/loss.reference.ts";
import { unet } from "./networks/unet.ts";
import { createWebgpuEngine } from "./webgpu/webgpuEngine.ts";
import { initialWeights } from "./weights.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`WebGPU is not tested here: ${reason}\n`);

const engines: [string, () => Promise<Engine>][] = [
  ["the CPU path", () => createCpuEngine()],
  ["TensorFlow.js", () => startCpu(wasmFiles)],
  ...(gpu ? [["WebGPU", () => createWebgpuEngine(gpu)] satisfies [string, unknown]] : []),
];

const input = [2, 8, 10, 1];
const spec: ModelSpec = {
  network: unet({ classes: 3, width: 4, levels: 2, norm: "instance" }),
  input,
  classes: 3,
  loss: { crossEntropy: 1, dice: 0.5 },
  optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
};
const weights = initialWeights(describeNetwork(spec.network, input), seededRandom(1));
const random = seededRandom(2);
const images = Float32Array.from({ length: 160 }, () => random.normal());
const classes = Uint8Array.from(images, (v) => (v > 1.2 ? 255 : v > 0.4 ? 2 : v > 0 ? 1 : 0));

const sameLoss: Objective = (output) => {
  const { loss, gradient } = lossReference(Float64Array.from(output), classes, 3, spec.loss);
  return { loss, gradient: Float32Array.from(gradient) };
};

describe.each(engines)("a step towards a loss from outside, by %s", (_, start) => {
  it("is the step of the same loss inside", async () => {
    const engine = await start();
    const [inside, outside] = [
      await engine.createModel(spec, weights),
      await engine.createModel(spec, weights),
    ];
    for (let step = 0; step < 4; step++) {
      const expected = await inside.step({ images, classes }, 3e-3);
      const loss = await outside.stepTowards(images, sameLoss, 3e-3);
      expect(Math.abs(loss - expected)).toBeLessThan(1e-5);
    }
    const [expected, learned] = [await inside.readWeights(), await outside.readWeights()];
    for (const [name, values] of expected)
      if (!/\.[ab]\.bias$/.test(name))
        expect(relativeDifference(learned.get(name) ?? [], values), name).toBeLessThan(2e-3);
    inside.dispose();
    outside.dispose();
    engine.dispose();
  });

  it("refuses what does not fit, and a loss that is no number", async () => {
    const engine = await start();
    const model = await engine.createModel(spec, weights);
    const short: Objective = () => ({ loss: 1, gradient: new Float32Array(3) });
    await expect(model.stepTowards(images, short, 1e-3)).rejects.toThrow(/gradient must/);
    await expect(model.stepTowards(images.slice(1), sameLoss, 1e-3)).rejects.toThrow(/images must/);
    const broken: Objective = (output) => ({ loss: Number.NaN, gradient: output.slice() });
    await expect(model.stepTowards(images, broken, 1e-3)).rejects.toThrow(
      expect.objectContaining({ code: "divergence" }),
    );
    const after = await model.readWeights();
    for (const [name, values] of weights) expect(after.get(name), name).toEqual(values);
    model.dispose();
    engine.dispose();
  });
});
