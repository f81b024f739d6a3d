import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { relativeDifference } from "../../../testing/difference.ts";
import { type OpCase, opCases } from "../../../testing/opReference.ts";
import { hasShared } from "../../../testing/reference.ts";
import { wasmMemory } from "../../../testing/wasmMemory.ts";
import { windowOf } from "../places.ts";
import {
  convTransposedFilterGradientCall,
  convTransposedForwardCall,
  convTransposedInputGradientCall,
} from "./convTransposedCalls.ts";
import {
  maxPoolBackwardCall,
  maxPoolForwardCall,
  normBackwardCall,
  normForwardCall,
  statisticsLength,
} from "./opCalls.ts";
import { upsampleBackwardCall, upsampleForwardCall } from "./upsampleCalls.ts";

let memory: Awaited<ReturnType<typeof wasmMemory>>;
beforeAll(async () => {
  memory = await wasmMemory();
});
beforeEach(() => memory.clear());

/** PyTorch's numbers of the ops that are no plain convolution; those have a test of their own. */
describe.skipIf(!hasShared)("kernels against PyTorch", () => {
  const all = hasShared ? opCases() : [];
  const named = (pattern: RegExp) =>
    all.filter(({ name }) => pattern.test(name)).map((one) => [one.name, one] as const);

  /** Tensors of a case; results are NaN until written. */
  function tensorsOf({ x, output, outputGradient }: OpCase) {
    return {
      x: memory.tensor(x.shape, x.values),
      y: memory.tensor(output.shape),
      dy: memory.tensor(outputGradient.shape, outputGradient.values),
      dx: memory.tensor(x.shape),
    };
  }
  const weightOf = ({ weights }: OpCase, name: string) =>
    memory.vector(weights.get(`op.${name}`)?.values ?? []);
  const zerosLike = ({ weights }: OpCase, name: string) =>
    memory.vector(weights.get(`op.${name}`)?.values.map(() => 0) ?? []);

  function compare(one: OpCase, { y, dx }: ReturnType<typeof tensorsOf>, tolerance = 2e-6) {
    expect(relativeDifference(memory.readTensor(y), one.output.values)).toBeLessThan(tolerance);
    const gradient = memory.readTensor(dx);
    expect(relativeDifference(gradient, one.inputGradient.values)).toBeLessThan(tolerance);
  }
  function compareWeights({ weightGradients }: OpCase, found: Record<string, number>) {
    for (const [name, { values }] of weightGradients)
      expect(
        relativeDifference(memory.read(found[name] ?? 0, values.length), values),
        name,
      ).toBeLessThan(4e-6);
  }

  it("has cases of every kind", () => {
    for (const kind of [/^maxpool/, /^resize/, /^convT/])
      expect(named(kind).length, `${kind}`).toBeGreaterThan(1);
  });

  it.each(named(/^instancenorm.*_affine$/))("%s", (_, one) => {
    const tensors = tensorsOf(one);
    const { x, y, dy, dx } = tensors;
    const weights = { scale: weightOf(one, "scale"), shift: weightOf(one, "shift") };
    const length = statisticsLength(x.batch, x.channels);
    const statistics = memory.vector(new Float32Array(length).fill(Number.NaN));
    const [dScale, dShift] = [zerosLike(one, "scale"), zerosLike(one, "shift")];
    const gradients = { dScale, dShift, accumulate: false };
    memory.run((w) => normForwardCall(w, { x, y, statistics, ...weights, slope: 1 }));
    memory.run((w) => normBackwardCall(w, { x, dy, dx, statistics, ...weights, ...gradients }));
    compare(one, tensors, 5e-6);
    compareWeights(one, { "op.scale": dScale, "op.shift": dShift });
  });

  it.each(named(/^maxpool/))("%s", (_, one) => {
    const tensors = tensorsOf(one);
    const { x, y, dy, dx } = tensors;
    const isDeep = one.x.shape.length === 5;
    memory.run((w) => maxPoolForwardCall(w, x, y, isDeep));
    memory.run((w) => maxPoolBackwardCall(w, { x, dy, dx, isDeep, accumulate: false }));
    compare(one, tensors);
  });

  it.each(named(/^resize(?!.*(_ac1|nearest))/))("%s", (_, one) => {
    const tensors = tensorsOf(one);
    const { x, y, dy, dx } = tensors;
    memory.run((workspace) => upsampleForwardCall(workspace, x, y));
    memory.run((workspace) => upsampleBackwardCall(workspace, { dy, dx, accumulate: false }));
    compare(one, tensors);
  });

  it.each(named(/^convT/))("%s", (_, one) => {
    const tensors = tensorsOf(one);
    const { x, y, dy, dx } = tensors;
    const rank = one.x.shape.length;
    const size = one.weights.get("op.kernel")?.shape[0] ?? 2;
    const grown = (one.output.shape[1] ?? 0) / (one.x.shape[1] ?? 1);
    const window = { window: windowOf(rank, size), stride: windowOf(rank, grown) };
    const kernel = weightOf(one, "kernel");
    const hasBias = one.weights.has("op.bias");
    const bias = hasBias ? weightOf(one, "bias") : 0;
    const dKernel = zerosLike(one, "kernel");
    const dBias = hasBias ? zerosLike(one, "bias") : 0;
    const forward = { x, y, kernel, bias, slope: 1 };
    const back = { dy, dx, kernel, accumulate: false };
    memory.run((w) => convTransposedForwardCall(w, window, forward));
    memory.run((w) => convTransposedInputGradientCall(w, window, back));
    memory.run((w) => convTransposedFilterGradientCall(w, window, { x, dy, dKernel, dBias }));
    compare(one, tensors);
    compareWeights(one, { "op.kernel": dKernel, "op.bias": dBias });
  });
});
