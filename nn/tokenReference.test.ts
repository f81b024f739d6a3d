import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { relativeDifference } from "../testing/difference.ts";
import { openTestGpu } from "../testing/gpu.ts";
import { hasShared } from "../testing/reference.ts";
import { type TokenCase, tokenCases } from "../testing/tokenReference.ts";
import { wasmFiles } from "../testing/wasmFiles.ts";
import { createCpuEngine } from "./cpu/createCpuEngine.ts";
import { startCpu } from "./eager/startCpu.ts";
import type { Engine, ModelSpec, Objective } from "./engine.ts";
import { createWebgpuEngine } from "./webgpu/webgpuEngine.ts";

const { gpu } = await openTestGpu();

const engines: [string, () => Promise<Engine>][] = [
  ["the CPU path", () => createCpuEngine()],
  ["TensorFlow.js", () => startCpu(wasmFiles)],
  ...(gpu ? [["WebGPU", () => createWebgpuEngine(gpu)] satisfies [string, unknown]] : []),
];

const cases = hasShared ? tokenCases() : [];

/** Output and gradients of a case; the input is a table, so that it gets a gradient too. */
async function computed(engine: Engine, one: TokenCase) {
  const spec: ModelSpec = {
    network: (ops, image) => one.apply(ops, ops.position(image, "x")),
    input: [1, ...one.shape],
    classes: one.outChannels,
    loss: { crossEntropy: 0, dice: 0 },
    optimiser: { kind: "sgd", momentum: 0, weightDecay: 0, nesterov: false },
  };
  const sums = new Map([...one.weights].map(([name, w]) => [name, new Float64Array(w.length)]));
  const outputs: Float32Array[] = [];
  const inputGradients: Float32Array[] = [];
  for (const { x, outputGradient } of one.samples) {
    const before = new Map([...one.weights, ["x.table", x]]);
    const model = await engine.createModel(spec, before);
    const objective: Objective = (output) => {
      outputs.push(output.slice());
      return { loss: 1, gradient: outputGradient };
    };
    await model.stepTowards(new Float32Array(x.length), objective, 1);
    const after = await model.readWeights();
    const changeOf = (name: string, w: Float32Array) =>
      w.map((value, i) => value - (after.get(name)?.[i] ?? Number.NaN));
    inputGradients.push(changeOf("x.table", x));
    for (const [name, sum] of sums)
      changeOf(name, one.weights.get(name) ?? new Float32Array(0)).forEach((value, i) => {
        sum[i] = (sum[i] ?? 0) + value;
      });
    model.dispose();
  }
  return { outputs, inputGradients, sums };
}

describe.skipIf(!hasShared).each(engines)("ops of tokens against PyTorch, by %s", (_, start) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.dispose());

  it("covers every kind", () => {
    expect(cases.map(({ name }) => name.split("_")[0])).toEqual(
      expect.arrayContaining(["layernorm", "gelu", "mhsa", "sra", "mixffn", "linear", "conv2d"]),
    );
  });

  it.each(cases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const { outputs, inputGradients, sums } = await computed(engine, one);
    one.samples.forEach(({ output, inputGradient }, n) => {
      expect(relativeDifference(outputs[n] ?? [], output)).toBeLessThan(5e-6);
      expect(relativeDifference(inputGradients[n] ?? [], inputGradient)).toBeLessThan(1e-5);
    });
    for (const [name, gradient] of one.weightGradients) {
      const got = sums.get(name) ?? [];
      // Keys get the same bias in every score of a query, which changes no share.
      const scale = Math.max(...gradient.map(Math.abs), 0.02);
      const worst = Math.max(...gradient.map((g, i) => Math.abs(g - (got[i] ?? Number.NaN))));
      expect(worst / scale, name).toBeLessThan(2e-5);
    }
  });
});
