import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { relativeDifference as worst } from "../../../testing/difference.ts";
import { hasShared, type ReferenceTensor, referenceSection } from "../../../testing/reference.ts";
import { channelsLast, kernelLast } from "../../../testing/torchLayout.ts";
import { wasmMemory } from "../../../testing/wasmMemory.ts";
import {
  convInputGradientReference,
  convReference,
  convWeightGradientReference,
} from "../conv/conv.reference.ts";
import type { Triple } from "../places.ts";
import { convFilterGradientCall, convForwardCall, convInputGradientCall } from "./convCalls.ts";
import type { ConvGeometry } from "./paddedSource.ts";

const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * (b[i] ?? Number.NaN), 0);

interface Sample {
  readonly geometry: ConvGeometry;
  readonly xShape: readonly number[];
  readonly yShape: readonly number[];
  readonly x: Float64Array;
  readonly kernel: Float64Array;
  readonly bias: Float64Array | null;
  readonly dy: Float64Array;
}

let memory: Awaited<ReturnType<typeof wasmMemory>>;
beforeAll(async () => {
  memory = await wasmMemory();
});
beforeEach(() => memory.clear());

/** Every pass of one convolution; `wider` puts tensors among more channels. */
function runAll(sample: Sample, { slope = 1, wider = 0 } = {}) {
  memory.clear();
  const { geometry, xShape, yShape } = sample;
  const tensor = (shape: readonly number[], values?: Float64Array) =>
    memory.tensor(shape, values, (shape.at(-1) ?? 1) + wider);
  const x = tensor(xShape, sample.x);
  const y = tensor(yShape);
  const dy = tensor(yShape, sample.dy);
  const dx = tensor(xShape);
  const added = tensor(xShape, sample.x);
  const kernel = memory.vector(sample.kernel);
  const bias = sample.bias ? memory.vector(sample.bias) : 0;
  const dKernel = memory.vector(sample.kernel.map(() => 1));
  const dBias = sample.bias ? memory.vector(sample.bias.map(() => 2)) : 0;
  memory.run((w) => convForwardCall(w, geometry, { x, y, kernel, bias, slope }));
  memory.run((w) => convInputGradientCall(w, geometry, { dy, dx, kernel, accumulate: false }));
  memory.run((w) =>
    convInputGradientCall(w, geometry, { dy, dx: added, kernel, accumulate: true }),
  );
  memory.run((w) => convFilterGradientCall(w, geometry, { x, dy, dKernel, dBias }));
  for (const view of [y, dx, added]) expect(memory.isUntouched(view)).toBe(true);
  return {
    y: memory.readTensor(y),
    dx: memory.readTensor(dx),
    added: memory.readTensor(added),
    dKernel: memory.read(dKernel, sample.kernel.length).map((v) => v - 1),
    dBias: memory.read(dBias, sample.bias?.length ?? 0).map((v) => v - 2),
  };
}

const axis = fc.integer({ min: 1, max: 9 });
const shapes = fc.record({
  spatial: fc.oneof(fc.tuple(axis, axis), fc.tuple(axis, axis, axis)),
  batch: fc.integer({ min: 1, max: 2 }),
  cin: fc.integer({ min: 1, max: 17 }),
  cout: fc.integer({ min: 1, max: 19 }),
  size: fc.constantFrom(1, 3, 5),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  hasBias: fc.boolean(),
  wider: fc.constantFrom(0, 0, 3),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

describe("convolution kernels", () => {
  it("do what the plain loops do, on any shape", () => {
    fc.assert(
      fc.property(shapes, ({ spatial, batch, cin, cout, size, stride, dilation, ...rest }) => {
        const along = (value: number, depth: number): Triple =>
          spatial.length === 3 ? [value, value, value] : [depth, value, value];
        const random = seededRandom(rest.seed);
        const normal = (count: number) =>
          Float64Array.from({ length: count }, () => Math.fround(random.normal()));
        const xShape = [batch, ...spatial, cin];
        const yShape = [batch, ...spatial.map((n) => Math.ceil(n / stride)), cout];
        const sample: Sample = {
          geometry: {
            window: along(size, 1),
            stride: along(stride, 1),
            dilation: along(dilation, 1),
            before: along(((size - 1) / 2) * dilation, 0),
          },
          ...{ xShape, yShape, x: normal(elements(xShape)), dy: normal(elements(yShape)) },
          kernel: normal(size ** spatial.length * cin * cout),
          bias: rest.hasBias ? normal(cout) : null,
        };
        const found = runAll(sample, { wider: rest.wider });
        const shape = { x: xShape, y: yShape, size, stride, dilation };
        const dx = convInputGradientReference(shape, sample.dy, sample.kernel);
        const gradient = convWeightGradientReference(shape, sample.x, sample.dy);
        expect(
          worst(found.y, convReference(shape, sample.x, sample.kernel, sample.bias)),
        ).toBeLessThan(2e-5);
        expect(worst(found.dx, dx)).toBeLessThan(2e-5);
        expect(
          worst(
            found.added,
            dx.map((v, i) => v + (sample.x[i] ?? 0)),
          ),
        ).toBeLessThan(2e-5);
        expect(worst(found.dKernel, gradient.kernel)).toBeLessThan(2e-5);
        if (sample.bias) expect(worst(found.dBias, gradient.bias)).toBeLessThan(2e-5);
        // <conv(x), dy> = <x, dx> = <w, dw>, without the bias.
        const plain = runAll({ ...sample, bias: null });
        const whole = dot(plain.y, sample.dy);
        const scale = Math.sqrt(dot(plain.y, plain.y) * dot(sample.dy, sample.dy)) + 1e-30;
        expect(Math.abs(whole - dot(sample.x, plain.dx)) / scale).toBeLessThan(1e-5);
        expect(Math.abs(whole - dot(sample.kernel, plain.dKernel)) / scale).toBeLessThan(1e-5);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it.each([0, 0.1])("fuse the activation of slope %f", (slope) => {
    const random = seededRandom(1);
    const normal = (count: number) => Float64Array.from({ length: count }, () => random.normal());
    const shape = [1, 5, 6, 7];
    const geometry: ConvGeometry = {
      ...{ window: [1, 3, 3], stride: [1, 1, 1], dilation: [1, 1, 1], before: [0, 1, 1] },
    };
    const sample = { geometry, xShape: shape, yShape: shape, x: normal(210), dy: normal(210) };
    const all: Sample = { ...sample, kernel: normal(9 * 49), bias: normal(7) };
    const plain = runAll(all).y;
    expect(runAll(all, { slope }).y).toEqual(
      plain.map((value) => (value > 0 ? value : Math.fround(value * Math.fround(slope)))),
    );
  });

  it("give the same bits again", () => {
    const random = seededRandom(2);
    const normal = (count: number) => Float64Array.from({ length: count }, () => random.normal());
    const geometry: ConvGeometry = {
      ...{ window: [3, 3, 3], stride: [1, 1, 1], dilation: [1, 1, 1], before: [1, 1, 1] },
    };
    const [xShape, yShape] = [
      [2, 4, 9, 7, 5],
      [2, 4, 9, 7, 12],
    ];
    const sample = {
      geometry,
      xShape,
      yShape,
      x: normal(elements(xShape)),
      dy: normal(elements(yShape)),
    };
    const all: Sample = { ...sample, kernel: normal(27 * 60), bias: normal(12) };
    expect(runAll(all)).toEqual(runAll(all));
  });
});

interface Manifest {
  readonly cases: readonly {
    readonly name: string;
    readonly op: string;
    readonly attrs: Record<"stride" | "padding" | "dilation", number[]> & { groups: number };
    readonly tensors: Record<string, ReferenceTensor>;
  }[];
}

describe.skipIf(!hasShared)("convolution kernels against PyTorch", () => {
  const { manifest, get } = referenceSection<Manifest>("primitives");
  const cases = manifest.cases.filter(
    ({ op, attrs }) => (op === "conv2d" || op === "conv3d") && attrs.groups === 1,
  );

  it("has cases", () => expect(cases.length).toBeGreaterThan(20));

  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, { attrs, tensors }) => {
    const named = (name: string): ReferenceTensor => {
      const tensor = tensors[name];
      if (!tensor) throw new RangeError(`the case must hold ${name}`);
      return tensor;
    };
    const last = (name: string) => {
      const [batch = 1, channels = 1, ...spatial] = named(name).shape;
      const values = channelsLast(get(named(name)) as Float32Array, named(name).shape);
      return { shape: [batch, ...spatial, channels], values: Float64Array.from(values) };
    };
    const kernelOf = (name: string) =>
      Float64Array.from(kernelLast(get(named(name)) as Float32Array, named(name).shape, false));
    const triple = (values: readonly number[], depth: number): Triple => {
      const [d = 1, h = 1, w = 1] = values.length === 3 ? values : [depth, ...values];
      return [d, h, w];
    };
    const found = runAll({
      geometry: {
        window: triple(named("w").shape.slice(2), 1),
        stride: triple(attrs.stride, 1),
        dilation: triple(attrs.dilation, 1),
        before: triple(attrs.padding, 0),
      },
      ...{ xShape: last("x").shape, yShape: last("out").shape },
      ...{ x: last("x").values, dy: last("gy").values, kernel: kernelOf("w") },
      bias: tensors["b"] ? Float64Array.from(get(tensors["b"])) : null,
    });
    expect(worst(found.y, last("out").values)).toBeLessThan(2e-6);
    expect(worst(found.dx, last("g_x").values)).toBeLessThan(2e-6);
    expect(worst(found.dKernel, kernelOf("g_w"))).toBeLessThan(4e-6);
    if (tensors["b"]) expect(worst(found.dBias, get(named("g_b")))).toBeLessThan(4e-6);
  });
});
