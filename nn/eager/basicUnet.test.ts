import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { basicUnetReference } from "../../testing/basicUnetReference.ts";
import { hasShared } from "../../testing/reference.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine } from "../engine.ts";
import { basicUnet } from "../networks/basicUnet.ts";
import { weightCount } from "../weights.ts";
import { guardedOps } from "./guardedOps.ts";
import { maskedLoss, targetOf } from "./loss.ts";
import { startCpu } from "./startCpu.ts";

/** PyTorch numbers of a whole network in 2D and 3D: the oracle of the eager executor. */
describe.skipIf(!hasShared).each([
  { name: "basicunet2d", features: [8, 8, 16, 32, 64, 8] },
  { name: "basicunet3d", features: [4, 4, 8, 16, 16, 4] },
] as const)("$name on the CPU path", ({ name, features }) => {
  const crossEntropyOnly = { crossEntropy: 1, dice: 0 };
  let engine: Engine;
  beforeAll(async () => {
    engine = await startCpu(wasmFiles);
  });

  const load = () => {
    const reference = basicUnetReference(name);
    const network = basicUnet({ classes: reference.classes, features });
    return { ...reference, network, description: describeNetwork(network, reference.shape) };
  };

  it("has the weights of the reference, in its order", () => {
    const { description, weightCount: expected, parameters } = load();
    expect([...description.weights.keys()]).toEqual(parameters.map(({ ours }) => ours));
    expect(weightCount(description)).toBe(expected);
  });

  it("gives the same logits", async () => {
    const { network, shape, classes, weights, images, logits } = load();
    const spec = { network, input: shape, classes, loss: crossEntropyOnly, optimiser };
    const model = await engine.createModel(spec, weights);
    const got = await model.predict(images, shape);
    model.dispose();
    expect(largestDifference(got, logits)).toBeLessThan(2e-4);
  });

  it("gives the same loss and gradient of every parameter", async () => {
    const reference = load();
    const { network, shape, classes, images, labels, description, parameters } = reference;
    const names = [...description.weights.keys()];
    const tensors = names.map((one) =>
      tf.tensor(reference.weights.get(one) ?? [], [...(description.weights.get(one) ?? [])]),
    );
    const { value, grads } = tf.valueAndGrads((...parts: tf.Tensor[]) => {
      const ops = guardedOps(new Map(parts.map((part, index) => [names[index] ?? "", part])));
      const output = network(ops, tf.tensor(images, shape));
      return maskedLoss(
        tf.reshape(output, [-1, classes]),
        targetOf(labels, classes),
        crossEntropyOnly,
      );
    })(tensors);
    expect((await value.data())[0]).toBeCloseTo(reference.loss, 5);

    for (const [index, parameter] of parameters.entries()) {
      const gradient = Float32Array.from((await grads[index]?.data()) ?? []);
      const tolerance = (size: number) => 50 * parameter.grad_err32 + 1e-4 * Math.abs(size);
      const norm = Math.sqrt(gradient.reduce((sum, one) => sum + one * one, 0));
      const root = Math.sqrt(gradient.length);
      expect(Math.abs(norm - parameter.grad_l2), parameter.name).toBeLessThan(
        root * tolerance(parameter.grad_l2),
      );
      // Where each element of the reference lies in our layout.
      const order = Float32Array.from(gradient, (_, at) => at);
      const ours = reference.inOurLayout(parameter, order);
      for (const [at, expected] of parameter.grad_at) {
        const got = gradient[ours.indexOf(at)] ?? Number.NaN;
        expect(Math.abs(got - expected), `${parameter.name}[${at}]`).toBeLessThan(
          tolerance(expected),
        );
      }
    }
    tf.dispose([value, ...grads, ...tensors]);
  });

  it("trains along the same losses", async () => {
    const { network, shape, classes, weights, images, labels, trajectory } = load();
    const [beta1, beta2] = trajectory.betas;
    const { eps: epsilon, weight_decay: weightDecay } = trajectory;
    const adamw = { kind: "adamw", beta1, beta2, epsilon, weightDecay } as const;
    const spec = { network, input: shape, classes, loss: crossEntropyOnly, optimiser: adamw };
    const model = await engine.createModel(spec, weights);
    for (const [step, expected] of trajectory.losses.entries()) {
      const loss = await model.step({ images, classes: labels }, trajectory.lr);
      // Biases before a norm have no gradient but rounding, which AdamW turns into steps.
      expect(Math.abs(loss - expected), `step ${step}`).toBeLessThan(step === 0 ? 1e-5 : 2e-3);
    }
    model.dispose();
  });
});

const optimiser = {
  kind: "adamw",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const;

function largestDifference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(got.length).toBe(expected.length);
  let largest = 0;
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs((got[index] ?? Number.NaN) - (expected[index] ?? 0));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
