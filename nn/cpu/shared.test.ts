import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { ModelSpec } from "../engine.ts";
import { compileKernels, instantiateKernels } from "../kernels/wasm/wasmKernels.ts";
import { cut, cutSamples } from "../kernels/wasm/work.ts";
import { unet } from "../networks/unet.ts";
import type { Network } from "../ops.ts";
import { elements } from "../plan/graph.ts";
import { initialWeights } from "../weights.ts";
import { CpuModel } from "./cpuModel.ts";
import { bind, type Executor, singleThread } from "./executor.ts";

/** Work cut for so many threads; one does it all, the tasks of a stage last first. */
async function backwards(threads: number): Promise<Executor> {
  const device = singleThread(instantiateKernels(await compileKernels()));
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
  };
}

const mixed: Network = (ops, image) => {
  const a = ops.conv(image, "a", { out: 6, size: 3, stride: 2 });
  const b = ops.relu(ops.conv(a, "b", { out: 5, size: 3, dilation: 2, bias: false }));
  const grown = ops.convTransposed(ops.concat(b, a, b), "c", { out: 7, size: 2 });
  const joined = ops.concat(ops.upsample(ops.leakyRelu(grown, 0.2), image), image);
  const wide = ops.concat(joined, ops.upsample(ops.maxPool(ops.norm(a, "n", "instance")), image));
  return ops.conv(wide, "d", { out: 3, size: 1 });
};

const jobs = [
  ["a u-net", unet({ classes: 3, width: 6, levels: 3, norm: "instance" }), [5, 18, 21, 2]],
  ["a 3d u-net", unet({ classes: 3, width: 5, levels: 2, norm: "instance" }), [2, 5, 6, 7, 1]],
  ["strides, dilation and copies", mixed, [3, 13, 9, 2]],
] as const;

async function train(executor: Executor, network: Network, input: readonly number[]) {
  const spec: ModelSpec = {
    ...{ network, input, classes: 3, loss: { crossEntropy: 1, dice: 0.5 } },
    optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  };
  const random = seededRandom(3);
  const weights = initialWeights(describeNetwork(network, input), random.fork("weights"));
  const model = new CpuModel(spec, weights, executor);
  const images = Float32Array.from({ length: elements(input) }, () => random.normal());
  const classes = Uint8Array.from({ length: elements(input.slice(0, -1)) }, () =>
    random.uniform() < 0.2 ? 255 : random.integer(3),
  );
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) losses.push(await model.step({ images, classes }, 1e-2));
  return { losses, logits: await model.predict(images, input), weights: await model.readWeights() };
}

describe("work that is cut into tasks", () => {
  it.each(jobs)("gives the same bits in any number and order: %s", async (_, network, input) => {
    const expected = await train(
      singleThread(instantiateKernels(await compileKernels())),
      ...([network, input] as const),
    );
    for (const threads of [2, 3, 7])
      expect(await train(await backwards(threads), network, input)).toEqual(expected);
  });

  it("covers everything once, in pieces that start where they may", () => {
    for (const count of [1, 3, 4, 17, 64])
      for (const pieces of [1, 2, 5, 100])
        for (const grain of [1, 4]) {
          const ranges = cut(count, pieces, grain);
          expect(ranges[0]?.from).toBe(0);
          expect(ranges.at(-1)?.to).toBe(count);
          ranges.slice(1).forEach(({ from }, i) => {
            expect(from).toBe(ranges[i]?.to);
            expect(from % grain).toBe(0);
          });
          for (const { from, to } of ranges) expect(to).toBeGreaterThan(from);
          expect(ranges.length).toBeLessThanOrEqual(pieces);
        }
  });

  it("covers every place of every sample once", () => {
    for (const pieces of [1, 2, 3, 7, 30]) {
      const seen = new Map<string, number>();
      const tasks = cutSamples({ from: 2, to: 5 }, 10, { pieces, grain: 4 }, (sample, range) => [
        ...(["clear", sample, range.from, range.to] as const),
      ]);
      for (const [, sample = 0, from = 0, to = 0] of tasks.flat())
        for (let place = from; place < to; place++)
          seen.set(`${sample} ${place}`, (seen.get(`${sample} ${place}`) ?? 0) + 1);
      expect(seen.size).toBe(30);
      expect(new Set(seen.values())).toEqual(new Set([1]));
      expect([...seen.keys()].every((key) => /^[234] /.test(key))).toBe(true);
    }
  });
});
