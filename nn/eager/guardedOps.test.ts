import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { relativeDifference } from "../../testing/difference.ts";
import { opCases, type ShapedValues } from "../../testing/opReference.ts";
import { hasShared } from "../../testing/reference.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { guardedOps } from "./guardedOps.ts";
import { startCpu } from "./startCpu.ts";

const tensorOf = ({ values, shape }: ShapedValues) => tf.tensor(values, [...shape]);

describe.skipIf(!hasShared)("guarded ops on the CPU path", () => {
  beforeAll(async () => {
    await startCpu(wasmFiles);
  });

  const cases = hasShared ? opCases() : [];

  it("are held against enough of the reference", () => {
    expect(cases.length).toBeGreaterThan(30);
  });

  it.each(cases)("$name as PyTorch, with its gradients", async (one) => {
    const names = [...one.weights.keys()];
    const inputs = [one.x, ...one.weights.values()].map(tensorOf);
    const like = tensorOf(one.output);
    const run = (x: tf.Tensor, ...weights: tf.Tensor[]) =>
      one.apply(
        guardedOps(new Map(weights.map((weight, index) => [names[index] ?? "", weight]))),
        x,
        like,
      );
    const [x, ...weights] = inputs as [tf.Tensor, ...tf.Tensor[]];
    const output = tf.tidy(() => run(x, ...weights));
    const gradients = tf.grads((...all: tf.Tensor[]) => run(...(all as [tf.Tensor])))(
      inputs,
      tensorOf(one.outputGradient),
    );

    expect(output.shape).toEqual(one.output.shape);
    expect(relativeDifference(await output.data(), one.output.values)).toBeLessThan(1e-5);
    const expected = [one.inputGradient, ...names.map((name) => one.weightGradients.get(name))];
    for (const [index, gradient] of expected.entries()) {
      if (!gradient) continue;
      const got = (await gradients[index]?.data()) ?? [];
      expect(relativeDifference(got, gradient.values), names[index - 1] ?? "x").toBeLessThan(2e-5);
    }
    tf.dispose([output, like, ...inputs, ...gradients]);
  });
});
