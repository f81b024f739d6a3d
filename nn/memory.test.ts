import { afterAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { openTestGpu } from "../testing/gpu.ts";
import { type DeviceWatch, watchedGpu } from "../testing/watchedGpu.ts";
import { createCpuEngine } from "./cpu/createCpuEngine.ts";
import { describeNetwork } from "./describeNetwork.ts";
import type { Engine, ModelSpec } from "./engine.ts";
import { unet } from "./networks/unet.ts";
import type { Network } from "./ops.ts";
import { elements } from "./plan/graph.ts";
import { whatFits } from "./training/whatFits.ts";
import { createWebgpuEngine } from "./webgpu/webgpuEngine.ts";
import { initialWeights } from "./weights.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

const optimiser = { kind: "sgd", momentum: 0.9, weightDecay: 0, nesterov: false } as const;
const specOf = (network: Network, input: readonly number[]): ModelSpec => ({
  ...{ network, input, classes: 2, loss: { crossEntropy: 1, dice: 1 }, optimiser },
});
const unetSpec = (input: readonly number[]) =>
  specOf(unet({ classes: 2, width: 4, levels: 2, norm: "instance" }), input);
const tiny: Network = (ops, image) => ops.conv(image, "a", { out: 2, size: 1 });

const batchOf = (input: readonly number[]) => {
  const random = seededRandom(elements(input));
  const images = Float32Array.from({ length: elements(input) }, () => random.normal());
  return { images, classes: Uint8Array.from(images, (value) => (value > 0 ? 1 : 0)) };
};

const modelOn = (engine: Engine, spec: ModelSpec) =>
  engine.createModel(
    spec,
    initialWeights(describeNetwork(spec.network, spec.input), seededRandom(1)),
  );

/** An engine and the bytes that it really has at a moment. */
interface Watched {
  readonly engine: Engine;
  allocated(): number;
}

let webgpu: Promise<Watched> | null = null;

/** One for all tests: a device compiles its shaders anew. */
function watchedWebgpu(): Promise<Watched> {
  webgpu ??= startWatched();
  return webgpu;
}

async function startWatched(): Promise<Watched> {
  const watched = watchedGpu(gpu as GPU);
  const engine = await createWebgpuEngine(watched.gpu);
  const watch = watched.watches[0] as DeviceWatch;
  return { engine, allocated: () => watch.liveBytes };
}

const started: Engine[] = [];
afterAll(() => {
  for (const engine of started) engine.dispose();
});

const sizes: { input: number[]; predicted: number[][] }[] = [
  {
    input: [4, 32, 48, 1],
    predicted: [
      [8, 32, 48, 1],
      [3, 32, 48, 1],
    ],
  },
  { input: [1, 16, 16, 1], predicted: [[12, 64, 64, 1]] },
  { input: [2, 8, 16, 16, 1], predicted: [[1, 8, 16, 16, 1]] },
];

describe.each([
  ["CPU", true],
  ["WebGPU", gpu !== undefined],
] as const)("memory on %s", (name, isThere) => {
  it.skipIf(!isThere).each(sizes)(
    "is planned right within 20 % for batches of $input",
    async ({ input, predicted }) => {
      const spec = unetSpec(input);
      const { engine, allocated } =
        name === "CPU"
          ? { engine: await createCpuEngine(), allocated: null }
          : await watchedWebgpu();
      started.push(engine);
      const before = allocated?.() ?? 0;
      const model = await modelOn(engine, spec);
      await model.step(batchOf(input), 1e-3);
      for (const shape of predicted) await model.predict(batchOf(shape).images, shape);
      const really = allocated ? allocated() - before : model.bytes;
      const planned = engine.planMemory(spec, predicted)?.bytes ?? 0;
      expect(planned / really).toBeGreaterThan(1 / 1.2);
      expect(planned / really).toBeLessThan(1.2);
      expect(Math.abs(model.bytes / really - 1)).toBeLessThan(0.01);
      model.dispose();
    },
  );

  it.skipIf(!isThere)("does not grow over 10,000 steps", async () => {
    const watched = name === "CPU" ? null : await watchedWebgpu();
    const engine = watched?.engine ?? (await createCpuEngine());
    started.push(engine);
    const spec = specOf(tiny, [1, 2, 2, 1]);
    const model = await modelOn(engine, spec);
    const batch = batchOf(spec.input);
    const run = async (steps: number) => {
      for (let done = 0; done < steps; done += model.stepsAhead) {
        await Promise.all(Array.from({ length: model.stepsAhead }, () => model.step(batch, 1e-4)));
      }
    };
    await run(4);
    const before = [model.bytes, watched?.allocated()];
    await run(10_000);
    expect([model.bytes, watched?.allocated()]).toEqual(before);
    model.dispose();
  });
});

describe("what fits", () => {
  /** A device that takes so many bytes. */
  const deviceOf = (engine: Engine, most: number): Pick<Engine, "planMemory"> => ({
    planMemory: (spec, predicted) => {
      const plan = engine.planMemory(spec, predicted);
      return plan && { ...plan, fits: plan.bytes <= most };
    },
  });

  it("is the largest batch, else the largest patch", async () => {
    const engine = await createCpuEngine();
    const spec = unetSpec([8, 64, 64, 1]);
    const bytes = (input: number[]) => engine.planMemory({ ...spec, input }, [])?.bytes ?? 0;
    const five = deviceOf(engine, bytes([5, 64, 64, 1]));
    expect(whatFits(five, spec)).toBe("a batch of 5 fits");
    const small = deviceOf(engine, bytes([1, 32, 32, 1]));
    expect(whatFits(small, spec)).toBe("a batch of 1 with a patch of 32 x 32 fits");
    expect(whatFits(deviceOf(engine, 1), spec)).toBeNull();
    engine.dispose();
  });
});
