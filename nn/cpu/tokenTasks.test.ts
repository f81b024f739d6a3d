import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Batch, ModelSpec } from "../engine.ts";
import { compileKernels, instantiateKernels } from "../kernels/wasm/wasmKernels.ts";
import { reducedAttention } from "../networks/segFormer.ts";
import { initialWeights } from "../weights.ts";
import { CpuModel } from "./cpuModel.ts";
import { bind, type Executor, singleThread } from "./executor.ts";

/** Many small tasks, each stage from its last to its first, as threads might end them. */
async function backwards(threads: number): Promise<Executor> {
  const device = instantiateKernels(await compileKernels());
  return {
    ...device,
    sharing: { threads, smallestPiece: 1 },
    prepare: (stages) => {
      const tasks = stages.flatMap((stage) =>
        stage.toReversed().map((task) => bind(device.kernels, task)),
      );
      return {
        run: () => {
          for (const task of tasks) task();
        },
        dispose: () => undefined,
      };
    },
    dispose: () => undefined,
  };
}

const spec: ModelSpec = {
  network: (ops, image) => {
    const x = ops.position(ops.conv(image, "patches", { out: 10, size: 2, stride: 2 }), "places");
    const sizes = { width: 10, heads: 2, reduction: 2 };
    const attended = reducedAttention(ops, ops.layerNorm(x, "norm", 1e-6), "attn", sizes);
    const mixed = ops.gelu(ops.depthwise(ops.add(x, attended), "mix", 3));
    const picked = ops.pick(mixed, "list", { places: [4, 5], token: "gap" });
    const grown = ops.convTransposed(picked, "up", { out: 6, size: 2 });
    return ops.conv(ops.upsample(grown, image), "head", { out: 3, size: 1 });
  },
  input: [3, 9, 11, 1],
  classes: 3,
  loss: { crossEntropy: 1, dice: 1 },
  optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
};

describe("ops of tokens cut into tasks", () => {
  it.each([2, 5])("give the same bits by %d threads in any order", async (threads) => {
    const random = seededRandom(3);
    const weights = initialWeights(describeNetwork(spec.network, spec.input), random);
    const images = Float32Array.from({ length: 3 * 99 }, () => random.normal());
    const batch: Batch = {
      images,
      classes: Uint8Array.from(images, (value) => (value > 0.5 ? 2 : value > 0 ? 1 : 0)),
      indices: new Map([["list", Int32Array.from({ length: 60 }, () => random.integer(21) - 1)]]),
    };
    const models = [
      new CpuModel(spec, weights, singleThread(instantiateKernels(await compileKernels()))),
      new CpuModel(spec, weights, await backwards(threads)),
    ];
    const states = [];
    for (const model of models) {
      const losses = [];
      for (let step = 0; step < 3; step++) losses.push(await model.step(batch, 1e-2));
      states.push({ losses, weights: await model.readWeights() });
      model.dispose();
    }
    expect(states[1]).toEqual(states[0]);
  });
});
