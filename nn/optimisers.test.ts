import { afterAll, describe, expect, it } from "vitest";
import { openTestGpu } from "../testing/gpu.ts";
import { optimiserTrajectories } from "../testing/optimiserReference.ts";
import { hasShared } from "../testing/reference.ts";
import { wasmFiles } from "../testing/wasmFiles.ts";
import { createCpuEngine } from "./cpu/createCpuEngine.ts";
import { startCpu } from "./eager/startCpu.ts";
import type { Engine, Model, ModelSpec, OptimiserSpec, TrainingState } from "./engine.ts";
import type { Network } from "./ops.ts";
import { createWebgpuEngine } from "./webgpu/webgpuEngine.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

/** One weight per output: with an image of 1 the gradient by the output is that by the weight. */
const vector =
  (count: number): Network =>
  (ops, image) =>
    ops.conv(image, "w", { out: count, size: 1, bias: false });

const specOf = (optimiser: OptimiserSpec, count: number): ModelSpec => ({
  network: vector(count),
  input: [1, 1, 1, 1],
  classes: count,
  loss: { crossEntropy: 1, dice: 0 },
  optimiser,
});

const image = Float32Array.of(1);

const engines: [string, (() => Promise<Engine>) | null][] = [
  ["CPU", () => createCpuEngine()],
  ["eager TensorFlow.js", () => startCpu(wasmFiles)],
  ["WebGPU", gpu ? () => createWebgpuEngine(gpu) : null],
];

describe.skipIf(!hasShared).each(engines)("optimisers on %s", (_, start) => {
  let engine: Engine | null = null;
  const model = async (spec: OptimiserSpec, weights: Float32Array): Promise<Model> => {
    engine ??= (await start?.()) ?? null;
    if (!engine) throw new Error("no engine");
    const given = new Map([["w.kernel", weights]]);
    return engine.createModel(specOf(spec, weights.length), given);
  };
  afterAll(() => engine?.dispose());

  it.skipIf(!start).each(optimiserTrajectories())("follow PyTorch: $name", async (one) => {
    const trained = await model(one.spec, one.start);
    const scale = Math.max(...one.steps.flatMap(({ expected }) => [...expected].map(Math.abs)));
    for (const [step, { gradient, expected }] of one.steps.entries()) {
      await trained.stepTowards(image, () => ({ loss: 1, gradient }), one.rates[step] ?? 0);
      const got = (await trained.readWeights()).get("w.kernel") ?? [];
      for (const [i, value] of expected.entries())
        expect(Math.abs((got[i] ?? Number.NaN) - value), `step ${step}`).toBeLessThan(2e-6 * scale);
    }
    trained.dispose();
  });

  it.skipIf(!start).each(optimiserTrajectories())(
    "go on from a state as if nothing had been: $name",
    async ({ spec, start: weights, rates, steps }) => {
      const step = async (of: Model, from: number, to: number) => {
        for (let i = from; i < to; i++) {
          const { gradient } = steps[i] ?? { gradient: new Float32Array() };
          await of.stepTowards(image, () => ({ loss: 1, gradient }), rates[i] ?? 0);
        }
      };
      const [whole, broken, resumed] = [
        await model(spec, weights),
        await model(spec, weights),
        await model(spec, new Float32Array(weights.length).fill(9)),
      ];
      await step(whole, 0, 8);
      await step(broken, 0, 5);
      const state = await broken.readState();
      expect(state.steps).toBe(5);
      await resumed.writeState(state);
      await step(resumed, 5, 8);
      expect(await resumed.readState()).toEqual(await whole.readState());
      for (const one of [whole, broken, resumed]) one.dispose();
    },
  );

  it.skipIf(!start)("refuse a state that does not fit, and keep the one they have", async () => {
    const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 0, nesterov: false } as const;
    const trained = await model(sgd, Float32Array.of(1, 2, 3));
    const w = new Map([["w.kernel", new Float32Array(3)]]);
    const wrong: [TrainingState, string][] = [
      [{ steps: 1, weights: w, moments: [w, w] }, "moments must be 1"],
      [
        { steps: 1, weights: w, moments: [new Map([["w.kernel", new Float32Array(2)]])] },
        "weight w.kernel must have 3 values, got 2",
      ],
      [
        { steps: 1, weights: new Map(), moments: [w] },
        "weight w.kernel must have 3 values, got none",
      ],
    ];
    for (const [state, message] of wrong)
      await expect(trained.writeState(state)).rejects.toThrow(message);
    const { steps, weights } = await trained.readState();
    expect(steps).toBe(0);
    expect([...(weights.get("w.kernel") ?? [])]).toEqual([1, 2, 3]);
    trained.dispose();
  });
});
