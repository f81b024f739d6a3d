import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { relativeDifference } from "../../testing/difference.ts";
import { type OpCase, opCases } from "../../testing/opReference.ts";
import { opSample, sampleNetwork } from "../../testing/opSamples.ts";
import { hasShared } from "../../testing/reference.ts";
import {
  compileKernels,
  instantiateKernels,
  type WasmModule,
} from "../kernels/wasm/wasmKernels.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { elements, type ValueId } from "../plan/graph.ts";
import { Interpreter } from "../plan/interpret.ts";
import { Recorder, record } from "../plan/record.ts";
import { CpuModel } from "./cpuModel.ts";
import { planGradients } from "./cpuPlan.ts";
import { singleThread } from "./executor.ts";
import { layOutWeights } from "./weightLayout.ts";

let module: WasmModule;
beforeAll(async () => {
  module = await compileKernels();
});

describe.skipIf(!hasShared)("planned ops against PyTorch", () => {
  const cases = hasShared ? opCases() : [];

  it("has enough cases", () => {
    expect(cases.length).toBeGreaterThan(40);
  });

  it.each(cases)("$name with its gradients", (one) => {
    const { output, inputGradient, weightGradients } = run(one);
    expect(relativeDifference(output, one.output.values)).toBeLessThan(1e-5);
    expect(relativeDifference(inputGradient, one.inputGradient.values)).toBeLessThan(2e-5);
    for (const [name, { values }] of one.weightGradients)
      expect(relativeDifference(weightGradients.get(name) ?? [], values), name).toBeLessThan(2e-5);
  });
});

/** One op behind a convolution that changes nothing, so that its input has a gradient. */
function run(one: OpCase) {
  const recorder = new Recorder();
  const image = recorder.value(one.x.shape);
  const channels = one.x.shape.at(-1) ?? 1;
  const x = recorder.conv(image, "same", { out: channels, size: 1, bias: false });
  const like = recorder.value(one.output.shape);
  const result = one.apply<ValueId>(recorder, x, like);
  const { values, nodes, weights, statistics } = recorder;
  const graph = differentiate(
    placeConcats(fuse({ values, nodes, weights, statistics, input: image, output: result })),
  );
  const dy = graph.backward.flatMap((node) => (node.kind === "loss" ? [node.dx] : []))[0] ?? 0;
  // An activation joins the convolution before it: its gradient is the output's, masked.
  const own = graph.values.findIndex((value) => value.gradientOf === x);
  const dx = own < 0 ? dy : own;

  const device = instantiateKernels(module);
  const layout = layOutWeights(weights, device.kernels.firstFree(), statistics);
  const plan = planGradients(singleThread(device), layout, graph, [result, dx]);
  device.memory.grow(Math.ceil(plan.end / 65536));
  const { buffer } = device.memory;
  const floats = (address: number, count: number) => new Float32Array(buffer, address, count);
  plan.writeTables(buffer);
  const same = Float32Array.from({ length: channels ** 2 }, (_, i) =>
    i % (channels + 1) === 0 ? 1 : 0,
  );
  floats(layout.weight("same.kernel"), same.length).set(same);
  for (const [name, { values: given }] of one.weights)
    floats(layout.weight(name), given.length).set(given);
  floats(plan.input.address, one.x.values.length).set(one.x.values);
  plan.forward();
  const read = (id: ValueId) => {
    const { address, batch, size, channels: count } = plan.view(id);
    return floats(address, batch * elements(size) * count).slice();
  };
  const output = read(result);
  floats(plan.view(dy).address, one.outputGradient.values.length).set(one.outputGradient.values);
  plan.backward();
  const weightGradients = new Map(
    [...one.weights].map(([name, { values: given }]) => [
      name,
      floats(layout.gradient(name), given.length).slice(),
    ]),
  );
  return { output, inputGradient: read(dx), weightGradients };
}

describe("planned networks", () => {
  it("agree with the plain loops, forward, backward and in what they measure", async () => {
    const optimiser = { kind: "sgd", momentum: 0, weightDecay: 0, nesterov: false } as const;
    await fc.assert(
      fc.asyncProperty(opSample, async (sample) => {
        const { spatial, batch, channels, classes, seed } = sample;
        const input = [batch, ...spatial, channels];
        const network = sampleNetwork(sample);
        const graph = differentiate(placeConcats(fuse(record(network, input))));
        const random = seededRandom(seed);
        const normal = (n: number) => Float32Array.from({ length: n }, () => random.normal());
        const weights = new Map(
          [...graph.weights, ...graph.statistics].map(([name, s]) => [name, normal(elements(s))]),
        );
        for (const [name, values] of weights)
          if (name.endsWith(".variance")) weights.set(name, values.map(Math.abs));
        const images = normal(elements(input));
        const labels = Uint8Array.from({ length: elements(input.slice(0, -1)) }, () =>
          random.uniform() < 0.3 ? 255 : random.integer(classes),
        );
        const loss = { crossEntropy: 1, dice: 0.6 };
        const wide = new Map([...weights].map(([name, w]) => [name, Float64Array.from(w)]));
        const oracle = new Interpreter(graph, wide);
        oracle.forward(Float64Array.from(images));
        oracle.backward(graph.backward, labels, loss);

        const device = singleThread(instantiateKernels(module));
        const model = new CpuModel({ network, input, classes, loss, optimiser }, weights, device);
        const predicting = placeConcats(fuse(record(network, input, "inference")));
        const predicted = new Interpreter(predicting, wide).forward(Float64Array.from(images));
        expectClose(await model.predict(images, input), predicted, 3e-6, "logits");
        const found = await model.gradients({ images, classes: labels });
        expect(Math.abs(found.loss - oracle.loss)).toBeLessThan(1e-5 * (1 + oracle.loss));
        for (const [name, expected] of oracle.gradients)
          expectClose(found.gradients.get(name) ?? [], expected, 2e-5, name);
        await model.step({ images, classes: labels }, 0);
        const after = await model.readWeights();
        for (const [name, expected] of oracle.running())
          expectClose(after.get(name) ?? [], expected, 1e-5, name);
        model.dispose();
      }),
      { numRuns: 40, seed: 11, endOnFailure: true },
    );
  }, 60_000);
});

/** Agreement relative to the largest expected value; gradients that are zero in truth are small. */
function expectClose(
  got: ArrayLike<number>,
  expected: Float64Array,
  tolerance: number,
  name: string,
) {
  expect(got.length, name).toBe(expected.length);
  const scale = expected.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const worst = expected.reduce(
    (top, value, i) => Math.max(top, Math.abs((got[i] ?? Number.NaN) - value)),
    0,
  );
  expect(worst, name).toBeLessThanOrEqual(tolerance * (scale + 0.02));
}
