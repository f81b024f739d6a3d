import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { startCpu } from "../eager/startCpu.ts";
import type { ModelSpec } from "../engine.ts";
import { unet } from "../networks/unet.ts";
import { elements } from "../plan/graph.ts";
import { initialWeights } from "../weights.ts";
import { createCpuEngine } from "./createCpuEngine.ts";

describe("planned and eager execution", () => {
  it.each([
    { norm: "none", input: [2, 24, 20, 1] },
    { norm: "instance", input: [2, 24, 20, 1] },
    { norm: "instance", input: [1, 8, 12, 10, 1] },
  ] as const)("train alike: norm $norm, $input", async ({ norm, input }) => {
    const network = unet({ classes: 3, width: 4, levels: 2, norm });
    const spec: ModelSpec = {
      ...{ network, input, classes: 3, loss: { crossEntropy: 1, dice: 1 } },
      optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
    };
    const random = seededRandom(4);
    const weights = initialWeights(describeNetwork(network, input), random.fork("weights"));
    const batches = Array.from({ length: 5 }, () => ({
      images: Float32Array.from({ length: elements(input) }, () => random.normal()),
      classes: Uint8Array.from({ length: elements(input.slice(0, -1)) }, () =>
        random.uniform() < 0.2 ? 255 : random.integer(3),
      ),
    }));
    const curves: number[][] = [];
    for (const engine of [await createCpuEngine(), await startCpu(wasmFiles)]) {
      const model = await engine.createModel(spec, weights);
      const losses: number[] = [];
      for (const batch of batches) losses.push(await model.step(batch, 1e-3));
      model.dispose();
      curves.push(losses);
    }
    const [planned = [], eager = []] = curves;
    expect(planned.length).toBe(5);
    planned.forEach((loss, step) => {
      expect(Math.abs(loss / (eager[step] ?? Number.NaN) - 1)).toBeLessThan(step ? 1e-3 : 1e-5);
    });
  });
});
