import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { openTestGpu } from "../testing/gpu.ts";
import { wasmFiles } from "../testing/wasmFiles.ts";
import { createCpuEngine } from "./cpu/createCpuEngine.ts";
import { describeNetwork } from "./describeNetwork.ts";
import { startCpu } from "./eager/startCpu.ts";
import type { Engine, Indices, ModelSpec } from "./engine.ts";
import type { Network, Ops } from "./ops.ts";
import { differentiate } from "./plan/differentiate.ts";
import { fuse, placeConcats } from "./plan/fuse.ts";
import { elements } from "./plan/graph.ts";
import { Interpreter } from "./plan/interpret.ts";
import { record } from "./plan/record.ts";
import { createWebgpuEngine } from "./webgpu/webgpuEngine.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`WebGPU is not tested here: ${reason}\n`);

/** Steps that change the weights by the gradient alone. */
const optimiser = { kind: "sgd", momentum: 0, weightDecay: 0, nesterov: false } as const;
const rate = 0.5;

const engines: [name: string, start: () => Promise<Engine>, tolerance: number][] = [
  ["the CPU path", () => createCpuEngine(), 2e-5],
  ["TensorFlow.js", () => startCpu(wasmFiles), 1e-4],
  ...(gpu
    ? [["WebGPU", () => createWebgpuEngine(gpu), 4e-5] satisfies [string, unknown, number]]
    : []),
];

interface Sample {
  readonly network: Network;
  readonly input: readonly number[];
  readonly classes: number;
  readonly indices: Indices;
  readonly seed: number;
}

/** What one op does in the middle of a network: [.., width] to a value of any channels. */
type Apply = <T>(ops: Ops<T>, x: T, image: T) => T;

const spatial = fc.oneof(
  fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 11 })),
  fc.tuple(
    fc.integer({ min: 2, max: 4 }),
    fc.integer({ min: 2, max: 5 }),
    fc.integer({ min: 2, max: 6 }),
  ),
);

const heads = fc.record({
  heads: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 1, max: 9 }),
});

const attention = fc.record({ heads, isPacked: fc.boolean(), patch: fc.constantFrom(1, 2) }).map(
  ({ heads: { heads: count, size }, isPacked, patch }): Apply =>
    (ops, x) => {
      const out = count * size;
      if (isPacked) {
        const all = ops.conv(x, "qkv", { out: 3 * out, size: 1 });
        const [q, k, v] = ops.split(all, [out, out, out]);
        return ops.attention(q as typeof x, k as typeof x, v as typeof x, count);
      }
      const q = ops.conv(x, "q", { out, size: 1 });
      const fewer = patch === 1 ? x : ops.conv(x, "sr", { out: 5, size: 2, stride: 2 });
      const kv = ops.conv(fewer, "kv", { out: 2 * out, size: 1 });
      const [k, v] = ops.split(kv, [out, out]);
      return ops.attention(q, k as typeof x, v as typeof x, count);
    },
);

const op = fc.oneof(
  { weight: 3, arbitrary: attention },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Apply>(
      (ops, x) => ops.gelu(x),
      (ops, x) => ops.gelu(ops.leakyRelu(x, 0.2)),
      (ops, x) => ops.layerNorm(x, "norm", 1e-5),
      (ops, x) => ops.layerNorm(ops.relu(x), "norm", 1e-6),
      (ops, x) => ops.depthwise(x, "dw", 3),
      (ops, x) => ops.depthwise(ops.relu(x), "dw", 5),
      (ops, x) => ops.position(x, "pos"),
      (ops, x) => ops.position(ops.relu(x), "pos"),
      (ops, x, image) => ops.upsample(ops.conv(x, "p", { out: 5, size: 2, stride: 2 }), image),
      (ops, x) => {
        const parts = ops.split(ops.conv(x, "whole", { out: 8, size: 1 }), [5, 3]);
        return ops.concat(ops.gelu(parts[1] as typeof x), ops.relu(parts[0] as typeof x));
      },
      (ops, x) => ops.concat(ops.gelu(x), x, ops.layerNorm(ops.gelu(x), "norm", 1e-5)),
    ),
  },
);

const samples = fc
  .record({
    spatial,
    batch: fc.integer({ min: 1, max: 3 }),
    channels: fc.constantFrom(1, 3, 4),
    width: fc.constantFrom(1, 3, 4, 5, 8, 17),
    op,
    seed: fc.integer({ min: 0, max: 1e6 }),
  })
  .map(({ spatial, batch, channels, width, op, seed }): Sample => {
    const network: Network = (ops, image) => {
      const x = ops.conv(image, "before", { out: width, size: 3 });
      return ops.conv(op(ops, x, image), "after", { out: 3, size: 1 });
    };
    return { network, input: [batch, ...spatial, channels], classes: 3, indices: new Map(), seed };
  });

/** Some places of a grid, then all of them again with a token where there was none. */
const picks = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 2, max: 5 }),
    columns: fc.integer({ min: 2, max: 5 }),
    width: fc.constantFrom(3, 4, 9),
    kept: fc.integer({ min: 1, max: 3 }),
    seed: fc.integer({ min: 0, max: 1e6 }),
  })
  .map(({ batch, rows, columns, width, kept, seed }): Sample => {
    const places = rows * columns;
    const table = Float32Array.from({ length: places * width }, (_, i) => Math.sin(i));
    const network: Network = (ops, image) => {
      const x = ops.addTable(ops.conv(image, "embed", { out: width, size: 1 }), table);
      const some = ops.pick(x, "some", { places: [1, 1 + kept], token: "first" });
      const deep = ops.gelu(ops.conv(some, "deep", { out: width, size: 1 }));
      const all = ops.pick(deep, "all", { places: [rows, columns], token: "gap" });
      return ops.conv(all, "head", { out: 3, size: 1 });
    };
    const random = seededRandom(seed);
    const some: number[] = [];
    const all: number[] = [];
    for (let n = 0; n < batch; n++) {
      const order = Array.from({ length: places }, (_, i) => i);
      for (let i = places - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
      }
      some.push(-1, ...order.slice(0, kept));
      all.push(
        ...Array.from({ length: places }, (_, i) => order.slice(0, kept).indexOf(i) + 1 || -1),
      );
    }
    const indices = new Map([
      ["some", Int32Array.from(some)],
      ["all", Int32Array.from(all)],
    ]);
    return { network, input: [batch, rows, columns, 2], classes: 3, indices, seed };
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
  expect(worst, name).toBeLessThanOrEqual(tolerance * (scale + 0.05));
}

async function agrees(engine: Engine, sample: Sample, tolerance: number): Promise<void> {
  const { network, input, classes, indices } = sample;
  const graph = differentiate(placeConcats(fuse(record(network, input))));
  const random = seededRandom(sample.seed);
  const normal = (n: number) => Float32Array.from({ length: n }, () => random.normal());
  // Scores of an attention must stay small: what large ones lose in float32 is not ours.
  const { fanIn } = describeNetwork(network, input);
  const weights = new Map(
    [...graph.weights].map(([name, shape]) => {
      const scale = 1 / Math.sqrt(fanIn.get(name) ?? 1);
      return [name, normal(elements(shape)).map((value) => value * scale)];
    }),
  );
  const images = normal(elements(input));
  const labels = Uint8Array.from({ length: elements(input.slice(0, -1)) }, () =>
    random.uniform() < 0.3 ? 255 : random.integer(classes),
  );
  const loss = { crossEntropy: 1, dice: 0.6 };
  const wide = new Map([...weights].map(([name, w]) => [name, Float64Array.from(w)]));
  const oracle = new Interpreter(graph, wide);
  for (const [name, index] of indices) oracle.indices.set(name, index);
  const logits = oracle.forward(Float64Array.from(images));
  oracle.backward(graph.backward, labels, loss);

  const spec: ModelSpec = { network, input, classes, loss, optimiser };
  const model = await engine.createModel(spec, weights);
  expectClose(await model.predict(images, input, indices), logits, tolerance, "logits");
  const got = await model.step({ images, classes: labels, indices }, rate);
  expect(Math.abs(got - oracle.loss)).toBeLessThan(tolerance * (1 + oracle.loss));
  const learned = await model.readWeights();
  for (const [name, gradient] of oracle.gradients) {
    const before = weights.get(name) ?? new Float32Array(0);
    const after = learned.get(name) ?? new Float32Array(0);
    const change = after.map((value, i) => ((before[i] ?? 0) - value) / rate);
    expectClose(change, gradient, tolerance, name);
  }
  model.dispose();
}

describe.each(engines)("ops of tokens by %s", (_, start, tolerance) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.dispose());

  it("agree with the plain loops, forward and backward, on any shape", async () => {
    await fc.assert(
      fc.asyncProperty(samples, (sample) => agrees(engine, sample, tolerance)),
      { numRuns: 14, seed: 5, endOnFailure: true },
    );
  }, 120_000);

  it("pick places and put them back", async () => {
    await fc.assert(
      fc.asyncProperty(picks, (sample) => agrees(engine, sample, tolerance)),
      { numRuns: 5, seed: 6, endOnFailure: true },
    );
  }, 120_000);
});
