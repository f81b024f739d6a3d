import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { opSample, sampleNetwork } from "../../testing/opSamples.ts";
import { watchedGpu } from "../../testing/watchedGpu.ts";
import type { LossSpec } from "../engine.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { elements } from "../plan/graph.ts";
import { Interpreter } from "../plan/interpret.ts";
import { record } from "../plan/record.ts";
import { hardwareTuning, softwareTuning, type Tuning } from "./tuning.ts";
import { createWebgpuEngine, type WebgpuEngine } from "./webgpuEngine.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

const optimiser = {
  kind: "adamw",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const;

/** Agreement relative to the largest expected value; gradients that are zero in truth are small. */
function expectClose(
  got: ArrayLike<number>,
  expected: Float64Array,
  tolerance: number,
  name: string,
) {
  expect(got.length, name).toBe(expected.length);
  const scale = expected.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const worst = expected.reduce((top, value, i) => {
    const off = Math.abs((got[i] ?? Number.NaN) - value);
    return Math.max(off, top);
  }, 0);
  expect(worst, name).toBeLessThanOrEqual(tolerance * (scale + 0.02));
}

describe.skipIf(!gpu).each<[string, Tuning, number]>([
  ["for software adapters", softwareTuning, 6],
  ["for graphics cards", hardwareTuning, 3],
  ["for the largest tiles and ragged splits", { tileThreads: 1, splitThreads: 3000 }, 3],
])("kernels as tuned %s", (_, tuning, numRuns) => {
  const { gpu: watched, watches } = watchedGpu(gpu as GPU);
  let engine: WebgpuEngine | undefined;
  afterAll(() => engine?.dispose());

  it("agree with the plain loops, forward and backward, on any shape", async () => {
    engine ??= await createWebgpuEngine(watched, tuning);
    const started = engine;
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
        const loss = lossOf(seed, classes);
        const wide = new Map([...weights].map(([name, w]) => [name, Float64Array.from(w)]));
        const oracle = new Interpreter(graph, wide);
        oracle.forward(Float64Array.from(images));

        const spec = { network, input, classes, loss, optimiser };
        const model = await started.createModel(spec, weights);
        poison(watches[0]);
        const predicting = placeConcats(fuse(record(network, input, "inference")));
        const predicted = new Interpreter(predicting, wide).forward(Float64Array.from(images));
        expectClose(await model.predict(images, input), predicted, 3e-6, "logits");
        oracle.backward(graph.backward, labels, loss);
        poison(watches[0]);
        const got = await model.step({ images, classes: labels }, 0);
        expect(Math.abs(got - oracle.loss)).toBeLessThan(1e-5 * (1 + oracle.loss));
        const gradients = await model.readGradients();
        for (const [name, expected] of oracle.gradients)
          expectClose(gradients.get(name) ?? [], expected, 2e-5, name);
        const after = await model.readWeights();
        for (const [name, expected] of oracle.running())
          expectClose(after.get(name) ?? [], expected, 1e-5, name);
        model.dispose();
      }),
      { numRuns, seed: 11, endOnFailure: true },
    );
  }, 300_000);
});

/** Every kind of loss in turn. */
function lossOf(seed: number, classes: number): LossSpec {
  const classWeights = Array.from({ length: classes }, (_, c) => 0.25 * (c + 1));
  const kinds: readonly LossSpec[] = [
    { crossEntropy: 1, dice: 0.6 },
    { crossEntropy: 1, dice: 0, classWeights },
    { crossEntropy: 0, dice: 1, focal: 1 },
    { crossEntropy: 0.5, dice: 1, focal: 0.5, gamma: 1, diceBackground: true, dicePerSample: true },
  ];
  return kinds[seed % kinds.length] as LossSpec;
}

/** Fills what a step must write before it reads with NaN. */
function poison(watch: ReturnType<typeof watchedGpu>["watches"][number] | undefined): void {
  for (const label of ["arena", "partials"])
    for (const buffer of watch?.buffers(label) ?? [])
      watch?.device.queue.writeBuffer(
        buffer,
        0,
        new Float32Array(buffer.size / 4).fill(Number.NaN),
      );
}
