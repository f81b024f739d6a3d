import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { relativeDifference } from "../../../testing/difference.ts";
import { wasmMemory } from "../../../testing/wasmMemory.ts";
import type { LossSpec } from "../../engine.ts";
import { maskReference } from "../activation/activation.reference.ts";
import { adamwReference } from "../adamw/adamw.reference.ts";
import {
  convTransposedGradientReference,
  convTransposedReference,
} from "../convTransposed/convTransposed.reference.ts";
import { fullLoss, lossReference } from "../loss/loss.reference.ts";
import { maxPoolGradientReference, maxPoolReference } from "../maxPool/maxPool.reference.ts";
import { normGradientReference, normReference } from "../norm/norm.reference.ts";
import { windowOf } from "../places.ts";
import { upsampleGradientReference, upsampleReference } from "../upsample/upsample.reference.ts";
import {
  convTransposedFilterGradientCall,
  convTransposedForwardCall,
  convTransposedInputGradientCall,
} from "./convTransposedCalls.ts";
import {
  activationCall,
  addToCall,
  maskCall,
  maxPoolBackwardCall,
  maxPoolForwardCall,
  normBackwardCall,
  normForwardCall,
  statisticsLength,
} from "./opCalls.ts";
import { upsampleBackwardCall, upsampleForwardCall } from "./upsampleCalls.ts";

const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

let memory: Awaited<ReturnType<typeof wasmMemory>>;
beforeAll(async () => {
  memory = await wasmMemory();
});

/** float32 values, normal around `offset`. */
function normalOf(seed: number) {
  const random = seededRandom(seed);
  return (count: number, offset = 0) =>
    Float64Array.from({ length: count }, () => Math.fround(offset + random.normal()));
}

const axis = (min: number) => fc.integer({ min, max: 9 });
const places = (min: number) =>
  fc.oneof(fc.tuple(axis(min), axis(min)), fc.tuple(axis(min), axis(min), axis(min)));
const common = {
  batch: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 11 }),
  /** Channels of a wider tensor that ours lies in. */
  wider: fc.constantFrom(0, 0, 3),
  accumulate: fc.boolean(),
  seed: fc.integer({ min: 0, max: 1e6 }),
};

/** A tensor to be written: NaN, or `before` where the kernel adds. */
function target(shape: readonly number[], before: Float64Array | null, wider: number) {
  return memory.tensor(shape, before ?? undefined, (shape.at(-1) ?? 1) + wider);
}
const plus = (a: Float64Array, b: Float64Array | null) =>
  b ? a.map((value, i) => value + (b[i] ?? 0)) : a;

describe("instance norm kernels", () => {
  it("do what the plain loops do, also far from zero", () => {
    fc.assert(
      fc.property(
        fc.record({ ...common, spatial: places(1), offset: fc.constantFrom(0, 30, 1e4) }),
        ({ batch, channels, wider, accumulate, seed, spatial, offset }) => {
          memory.clear();
          const normal = normalOf(seed);
          const shape = [batch, ...spatial, channels];
          const [values, gradients] = [normal(elements(shape), offset), normal(elements(shape))];
          const [scales, shifts] = [normal(channels, 1), normal(channels)];
          const x = target(shape, values, wider);
          const y = target(shape, null, wider);
          const dy = target(shape, gradients, wider);
          const before = accumulate ? normal(elements(shape)) : null;
          const dx = target(shape, before, wider);
          const statistics = memory.vector(new Float64Array(statisticsLength(batch, channels)));
          const [scale, shift] = [memory.vector(scales), memory.vector(shifts)];
          const zeros = scales.map(() => 0);
          const [dScale, dShift] = [memory.vector(zeros), memory.vector(zeros)];
          memory.run((w) => normForwardCall(w, { x, y, statistics, scale, shift, slope: 1 }));
          memory.run((w) =>
            normBackwardCall(w, { x, dy, dx, statistics, scale, dScale, dShift, accumulate }),
          );
          const forward = normReference(shape, values, scales, shifts);
          const back = normGradientReference(shape, values, forward.statistics, scales, gradients);
          expect(relativeDifference(memory.readTensor(y), forward.y)).toBeLessThan(2e-5);
          // Nearly equal terms are subtracted: the terms are the measure, not what is left.
          const most = (all: ArrayLike<number>) => Math.max(...Array.from(all, Math.abs));
          const inverses = forward.statistics.filter((_, i) => Math.floor(i / channels) % 2 === 1);
          const terms = most(scales) * most(inverses) * most(gradients);
          const wanted = plus(back.dx, before);
          const differences = memory.readTensor(dx).map((v, i) => v - (wanted[i] ?? Number.NaN));
          expect(most(differences)).toBeLessThan(2e-5 * (terms + most(wanted)));
          expect(relativeDifference(memory.read(dScale, channels), back.scale)).toBeLessThan(5e-5);
          expect(relativeDifference(memory.read(dShift, channels), back.shift)).toBeLessThan(2e-5);
          expect(memory.isUntouched(y) && memory.isUntouched(dx)).toBe(true);
        },
      ),
      { numRuns: 80, seed: 5 },
    );
  });
});

describe("max pool kernels", () => {
  it("do what the plain loops do, ties going to the first", () => {
    fc.assert(
      fc.property(
        fc.record({ ...common, spatial: places(2) }),
        ({ batch, channels, wider, accumulate, seed, spatial }) => {
          memory.clear();
          const normal = normalOf(seed);
          const shape = [batch, ...spatial, channels];
          const yShape = [batch, ...spatial.map((n) => n >> 1), channels];
          // Few different values, so that there are ties.
          const values = normal(elements(shape)).map((value) => Math.round(value) + 0);
          const gradients = normal(elements(yShape));
          const before = accumulate ? normal(elements(shape)) : null;
          const x = target(shape, values, wider);
          const y = target(yShape, null, wider);
          const dy = target(yShape, gradients, wider);
          const dx = target(shape, before, wider);
          const isDeep = spatial.length === 3;
          memory.run((w) => maxPoolForwardCall(w, x, y, isDeep));
          memory.run((w) => maxPoolBackwardCall(w, { x, dy, dx, isDeep, accumulate }));
          const expected = maxPoolReference(shape, yShape, values).y;
          expect(memory.readTensor(y)).toEqual(Float32Array.from(expected));
          const back = plus(maxPoolGradientReference(shape, yShape, values, gradients), before);
          expect(memory.readTensor(dx)).toEqual(Float32Array.from(back));
          expect(memory.isUntouched(y) && memory.isUntouched(dx)).toBe(true);
        },
      ),
      { numRuns: 80, seed: 5 },
    );
  });
});

describe("interpolation kernels", () => {
  it("do what the plain loops do, up and down", () => {
    const pair = fc.tuple(axis(1), axis(1));
    const pairs = fc.oneof(fc.tuple(pair, pair), fc.tuple(pair, pair, pair));
    fc.assert(
      fc.property(
        fc.record({ ...common, pairs }),
        ({ batch, channels, wider, accumulate, seed, pairs }) => {
          memory.clear();
          const normal = normalOf(seed);
          const shape = [batch, ...pairs.map(([from]) => from), channels];
          const yShape = [batch, ...pairs.map(([, to]) => to), channels];
          const [values, gradients] = [normal(elements(shape)), normal(elements(yShape))];
          const before = accumulate ? normal(elements(shape)) : null;
          const x = target(shape, values, wider);
          const y = target(yShape, null, wider);
          const dy = target(yShape, gradients, wider);
          const dx = target(shape, before, wider);
          memory.run((workspace) => upsampleForwardCall(workspace, x, y));
          memory.run((workspace) => upsampleBackwardCall(workspace, { dy, dx, accumulate }));
          const expected = upsampleReference(shape, yShape, values);
          const back = plus(upsampleGradientReference(shape, yShape, gradients), before);
          expect(relativeDifference(memory.readTensor(y), expected)).toBeLessThan(2e-6);
          expect(relativeDifference(memory.readTensor(dx), back)).toBeLessThan(4e-6);
          expect(memory.isUntouched(y) && memory.isUntouched(dx)).toBe(true);
        },
      ),
      { numRuns: 80, seed: 5 },
    );
  });
});

describe("transposed convolution kernels", () => {
  it("do what the plain loops do", () => {
    const growth = fc.constantFrom([1, 1], [2, 2], [3, 3], [3, 2], [3, 1], [5, 2]);
    const sizes = { growth, out: fc.integer({ min: 1, max: 9 }) };
    const record = { ...common, ...sizes, slope: fc.constantFrom(1, 0, 0.1) };
    const spatial = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(fc.record({ ...record, spatial }), (sample) => {
        memory.clear();
        const { batch, channels, wider, accumulate, out, slope } = sample;
        const [size = 1, stride = 1] = sample.growth;
        const normal = normalOf(sample.seed);
        const xShape = [batch, ...sample.spatial, channels];
        const yShape = [batch, ...sample.spatial.map((n) => n * stride), out];
        const rank = xShape.length;
        const window = { window: windowOf(rank, size), stride: windowOf(rank, stride) };
        const [values, gradients] = [normal(elements(xShape)), normal(elements(yShape))];
        const [weights, biases] = [normal(size ** (rank - 2) * channels * out), normal(out)];
        const before = accumulate ? normal(elements(xShape)) : null;
        const x = target(xShape, values, wider);
        const y = target(yShape, null, wider);
        const dy = target(yShape, gradients, wider);
        const dx = target(xShape, before, wider);
        const [kernel, bias] = [memory.vector(weights), memory.vector(biases)];
        const dKernel = memory.vector(weights.map(() => 0));
        const dBias = memory.vector(biases.map(() => 0));
        memory.run((w) => convTransposedForwardCall(w, window, { x, y, kernel, bias, slope }));
        memory.run((w) =>
          convTransposedInputGradientCall(w, window, { dy, dx, kernel, accumulate }),
        );
        memory.run((w) => convTransposedFilterGradientCall(w, window, { x, dy, dKernel, dBias }));
        const shape = { x: xShape, y: yShape, size, stride };
        const linear = convTransposedReference(shape, values, weights, biases);
        const expected = linear.map((value) => (value > 0 ? value : value * slope));
        const back = convTransposedGradientReference(shape, values, weights, gradients);
        expect(relativeDifference(memory.readTensor(y), expected)).toBeLessThan(4e-6);
        const difference = relativeDifference(memory.readTensor(dx), plus(back.dx, before));
        expect(difference).toBeLessThan(4e-6);
        const found = memory.read(dKernel, weights.length);
        expect(relativeDifference(found, back.kernel)).toBeLessThan(4e-6);
        expect(relativeDifference(memory.read(dBias, out), back.bias)).toBeLessThan(4e-6);
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});

describe("kernels without neighbours", () => {
  it("activate, add and mask, dense or among other channels", () => {
    fc.assert(
      fc.property(
        fc.record({ ...common, spatial: places(1) }),
        ({ batch, channels, wider, seed, spatial }) => {
          memory.clear();
          const normal = normalOf(seed);
          const shape = [batch, ...spatial, channels];
          const [values, others] = [normal(elements(shape)), normal(elements(shape))];
          const x = target(shape, values, wider);
          const y = target(shape, null, wider);
          const sum = target(shape, others, 0);
          memory.run((w) => activationCall(w, x, y, 0.25));
          const activated = values.map((value) => (value > 0 ? value : value / 4));
          expect(memory.readTensor(y)).toEqual(Float32Array.from(activated));
          memory.run((w) => addToCall(w, x, sum));
          const added = Float32Array.from(plus(values, others));
          expect(memory.readTensor(sum)).toEqual(added);
          memory.run((w) => maskCall(w, sum, x, 0.25));
          const masked = maskReference(Float64Array.from(added), values, 0.25);
          expect(memory.readTensor(sum)).toEqual(Float32Array.from(masked));
          expect(memory.isUntouched(y)).toBe(true);
        },
      ),
      { numRuns: 40, seed: 5 },
    );
  });

  it("take steps of AdamW", () => {
    memory.clear();
    const normal = normalOf(1);
    const spec = {
      kind: "adamw",
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.01,
    } as const;
    const weights = normal(24);
    const state = {
      weights: weights.slice(),
      first: normal(24).fill(0),
      second: normal(24).fill(0),
    };
    const [w, m, v] = [weights, state.first, state.second].map((all) => memory.vector(all));
    for (let step = 1; step <= 100; step++) {
      const gradient = normal(24);
      const rate = 1e-2 / step;
      adamwReference(state, gradient, spec, rate, step);
      const { beta1, beta2, epsilon, weightDecay } = spec;
      const rates = [
        1 - rate * weightDecay,
        rate / (1 - beta1 ** step),
        1 / Math.sqrt(1 - beta2 ** step),
      ];
      const betas = [beta1, 1 - beta1, beta2, 1 - beta2, epsilon];
      memory.kernels.adamw(w ?? 0, memory.vector(gradient), m ?? 0, v ?? 0, 24, ...betas, ...rates);
    }
    expect(relativeDifference(memory.read(w ?? 0, 24), state.weights)).toBeLessThan(2e-6);
  });
});

describe("loss kernel", () => {
  const weights = fc.tuple(
    fc.constantFrom(
      ...([
        { crossEntropy: 1, dice: 0 },
        { crossEntropy: 0, dice: 1 },
        { crossEntropy: 0.7, dice: 2 },
        { crossEntropy: 0, dice: 0, focal: 1 },
        { crossEntropy: 0.5, dice: 1, focal: 0.7, gamma: 1, diceBackground: true },
        { crossEntropy: 0, dice: 1, focal: 2, gamma: 3.5, dicePerSample: true },
      ] satisfies LossSpec[]),
    ),
    fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 }),
  );
  it("does what the plain loop does, large logits and absent classes included", () => {
    fc.assert(
      fc.property(
        fc.record({ weights, classes: fc.integer({ min: 2, max: 6 }) }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(0.5, 80),
        fc.integer({ min: 0, max: 1e6 }),
        ({ weights: [spec, all], classes }, half, scale, seed) => {
          memory.clear();
          const count = 2 * half;
          const classWeights = all.slice(0, classes).map(Math.fround);
          const weights = { ...spec, classWeights };
          const random = seededRandom(seed);
          const logits = normalOf(seed)(count * classes).map((z) => Math.fround(z * scale));
          const labels = Uint8Array.from({ length: count }, () =>
            random.uniform() < 0.3 ? 255 : random.integer(classes),
          );
          const { loss, gradient } = runLoss(logits, labels, classes, weights, 2);
          const expected = lossReference(logits, labels, classes, weights, 2);
          expect(Math.abs(loss - expected.loss)).toBeLessThan(2e-6 * (1 + expected.loss));
          const top = expected.gradient.reduce((m, g) => Math.max(m, Math.abs(g)), 0);
          gradient.forEach((g, i) => {
            expect(Math.abs(g - (expected.gradient[i] ?? 0))).toBeLessThanOrEqual(
              4e-6 * top + 2e-7,
            );
          });
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  it("is 0 with a zero gradient where nothing is annotated", () => {
    memory.clear();
    const nothing = Uint8Array.of(255, 255);
    const logits = Float64Array.of(1, 2, 3, 4);
    const { loss, gradient } = runLoss(logits, nothing, 2, { crossEntropy: 1, dice: 1 });
    expect(loss).toBe(0);
    expect([...gradient]).toEqual([0, 0, 0, 0]);
  });

  it("is NaN for a label that is no class", () => {
    memory.clear();
    const logits = Float64Array.of(1, 2);
    expect(runLoss(logits, Uint8Array.of(2), 2, { crossEntropy: 1, dice: 0 }).loss).toBeNaN();
  });

  function runLoss(
    logits: Float64Array,
    labels: Uint8Array,
    classes: number,
    spec: LossSpec,
    samples = 1,
  ) {
    const { classWeights, crossEntropy, dice, ...full } = fullLoss(spec, classes);
    const groups = full.dicePerSample ? samples : 1;
    const z = memory.vector(logits);
    const dz = memory.tensor([1, 1, labels.length, classes]).address;
    const words = memory.bytes(labels);
    const scratch = memory.vector(new Float32Array(6 * classes * groups));
    const weights = memory.vector(Float32Array.from(classWeights));
    const loss = memory.kernels.lossAndGradient(
      ...[z, words, dz, scratch, weights, labels.length, classes, groups],
      ...[full.firstClass, crossEntropy, dice, full.focal, full.gamma],
    );
    return { loss, gradient: memory.read(dz, labels.length * classes) };
  }
});
