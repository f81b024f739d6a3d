import { expect } from "vitest";
import { seededRandom } from "#core/random.ts";
import { describeNetwork } from "../nn/describeNetwork.ts";
import type { Batch, Model, ModelSpec, Weights } from "../nn/engine.ts";
import type { Network } from "../nn/ops.ts";
import { differentiate } from "../nn/plan/differentiate.ts";
import { fuse, placeConcats } from "../nn/plan/fuse.ts";
import { Interpreter } from "../nn/plan/interpret.ts";
import { record } from "../nn/plan/record.ts";
import { initialWeights, weightCount } from "../nn/weights.ts";
import { relativeDifference } from "./difference.ts";
import type { NetworkReference } from "./networkReference.ts";

/** Weights and the number of them, as the reference has them. */
export function expectSameWeights(network: Network, reference: NetworkReference): void {
  const description = describeNetwork(network, reference.input);
  const names = [...description.weights.keys(), ...description.statistics.keys()];
  expect(new Set(names)).toEqual(new Set(reference.weights.keys()));
  expect(weightCount(description)).toBe(reference.weightCount);
}

/** What the plain loops give, training and predicting. */
export function expectSameMeaning(network: Network, reference: NetworkReference): void {
  const weights = new Map([...reference.weights].map(([n, w]) => [n, Float64Array.from(w)]));
  const image = Float64Array.from(reference.images);
  for (const [mode, expected] of [
    ["training", reference.trained],
    ["inference", reference.predicted],
  ] as const) {
    if (!expected) continue;
    const graph = placeConcats(fuse(record(network, reference.input, mode)));
    const got = new Interpreter(graph, weights).forward(image);
    expect(relativeDifference(got, expected), mode).toBeLessThan(1e-5);
  }
}

/** What an engine must be given to train a reference network without changing it. */
export function referenceSpec(network: Network, { input, classes }: NetworkReference): ModelSpec {
  const optimiser = { kind: "sgd", momentum: 0, weightDecay: 0, nesterov: false } as const;
  return { network, input, classes, loss: { crossEntropy: 1, dice: 0 }, optimiser };
}

/**
 * Predictions, loss, gradients and running statistics of an engine.
 *
 * @param gradientsOf - gradients of one step of this batch, which leaves the weights as they are
 */
export async function expectSameNumbers(
  model: Model,
  reference: NetworkReference,
  gradientsOf: (batch: Batch) => Promise<{ loss: number; gradients: Weights }>,
): Promise<void> {
  const { images, labels, input } = reference;
  const logits = await model.predict(images, input);
  expect(relativeDifference(logits, reference.predicted ?? reference.trained)).toBeLessThan(1e-3);
  const { loss, gradients } = await gradientsOf({ images, classes: labels });
  expect(Math.abs(loss / reference.loss - 1)).toBeLessThan(1e-4);
  for (const { name, norm, error, elements } of reference.parameters) {
    const gradient = gradients.get(name) ?? new Float32Array();
    const found = normOf(gradient);
    const noise = 50 * error * Math.sqrt(gradient.length);
    expect(Math.abs(found - norm), name).toBeLessThan(1e-3 * norm + noise);
    for (const { at, value } of elements)
      expect(Math.abs((gradient[at] ?? Number.NaN) - value), `${name}[${at}]`).toBeLessThan(
        1e-3 * Math.abs(value) + 50 * error + 1e-4 * (norm / Math.sqrt(gradient.length)),
      );
  }
  const weights = await model.readWeights();
  for (const [name, { mean, norm }] of reference.running) {
    const values = weights.get(name) ?? new Float32Array();
    const got = values.reduce((a, b) => a + b, 0) / values.length;
    expect(Math.abs(normOf(values) - norm), name).toBeLessThan(1e-3 * norm + 1e-6);
    expect(Math.abs(got - mean), name).toBeLessThan(1e-3 * norm + 1e-6);
  }
}

/**
 * Whether the gradient of a network is the slope of its loss, along the gradient of all its
 * weights at once, and reaches every one of them.
 *
 * @param input - as small as the network takes
 */
export function expectSlope(network: Network, input: readonly number[], classes: number): void {
  const graph = differentiate(placeConcats(fuse(record(network, input))));
  const random = seededRandom(3);
  const start = initialWeights(describeNetwork(network, input), random);
  const places = input.slice(0, -1).reduce((a, b) => a * b, 1);
  const image = Float64Array.from({ length: places * (input.at(-1) ?? 1) }, () => random.normal());
  const labels = Uint8Array.from({ length: places }, (_, i) => i % classes);
  const run = (weights: ReadonlyMap<string, Float64Array>) => {
    const interpreter = new Interpreter(graph, weights);
    interpreter.forward(image);
    interpreter.backward(graph.backward, labels, { crossEntropy: 1, dice: 0 });
    return interpreter;
  };
  const wide = new Map([...start].map(([name, values]) => [name, Float64Array.from(values)]));
  const { gradients } = run(wide);
  expect(new Set(gradients.keys())).toEqual(new Set(graph.weights.keys()));
  const steepness = Math.hypot(...[...gradients.values()].map(normOf));
  const lossAlong = (shift: number) =>
    run(
      new Map(
        [...wide].map(([name, values]) => {
          const slope = gradients.get(name);
          return [name, values.map((v, i) => v + (shift * (slope?.[i] ?? 0)) / steepness)];
        }),
      ),
    ).loss;
  const step = 1e-5;
  expect((lossAlong(step) - lossAlong(-step)) / (2 * step) / steepness).toBeCloseTo(1, 3);
}

/** Whether a sample is predicted the same whatever stands beside it. */
export function expectIndependent(network: Network, input: readonly number[]): void {
  const random = seededRandom(4);
  const start = initialWeights(describeNetwork(network, input), random);
  const wide = new Map([...start].map(([name, values]) => [name, Float64Array.from(values)]));
  const size = input.slice(1).reduce((a, b) => a * b, 1);
  const images = Float64Array.from({ length: 2 * size }, () => random.normal());
  const predict = (batch: number, values: Float64Array) => {
    const graph = placeConcats(fuse(record(network, [batch, ...input.slice(1)], "inference")));
    return new Interpreter(graph, wide).forward(values);
  };
  const both = predict(2, images);
  const alone = predict(1, images.slice(size));
  expect(relativeDifference(both.slice(both.length / 2), alone)).toBeLessThan(1e-12);
}

const normOf = (values: Float32Array | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
};
