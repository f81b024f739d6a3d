import { expect } from "vitest";
import type { Engine, ModelSpec } from "../nn/engine.ts";
import type { Network } from "../nn/ops.ts";
import { differentiate } from "../nn/plan/differentiate.ts";
import { fuse, placeConcats } from "../nn/plan/fuse.ts";
import { Interpreter } from "../nn/plan/interpret.ts";
import { record } from "../nn/plan/record.ts";
import { relativeDifference } from "./difference.ts";
import type { networkReference } from "./tokenNetworkReference.ts";

type Reference = ReturnType<typeof networkReference>;

const crossEntropy = { crossEntropy: 1, dice: 0 };

/** Weights, and running statistics as a fresh network has them. */
function storedOf(
  { weights }: Reference,
  statistics: Iterable<readonly [string, readonly number[]]>,
) {
  const fresh = [...statistics].map(([name, shape]) => {
    const values = new Float32Array(shape.reduce((all, n) => all * n, 1));
    return [name, name.endsWith(".variance") ? values.fill(1) : values] as const;
  });
  return new Map([...weights, ...fresh]);
}

const graphOf = (network: Network, reference: Reference) =>
  record(network, reference.shape, "training");

/** Checks what the plain loops give, in training or predicting, against an output of PyTorch. */
export function expectOutput(
  network: Network,
  reference: Reference,
  mode: "training" | "inference",
  expected: ArrayLike<number>,
): void {
  const graph = placeConcats(fuse(record(network, reference.shape, mode)));
  const stored = storedOf(reference, graphOf(network, reference).statistics);
  const wide = new Map([...stored].map(([name, w]) => [name, Float64Array.from(w)]));
  const output = new Interpreter(graph, wide).forward(Float64Array.from(reference.images));
  expect(relativeDifference(output, expected)).toBeLessThan(1e-5);
}

/** Checks loss and gradients of the plain loops. */
export function expectInterpreted(network: Network, reference: Reference): void {
  const graph = differentiate(placeConcats(fuse(graphOf(network, reference))));
  const stored = storedOf(reference, graph.statistics);
  const wide = new Map([...stored].map(([name, w]) => [name, Float64Array.from(w)]));
  const oracle = new Interpreter(graph, wide);
  oracle.forward(Float64Array.from(reference.images));
  oracle.backward(graph.backward, reference.labels, crossEntropy);
  expect(oracle.loss).toBeCloseTo(reference.loss, 6);
  expectGradients(oracle.gradients, reference, 1e-4);
}

/** Checks what an engine predicts, its loss and gradients, against the reference. */
export async function expectTrained(
  engine: Engine,
  network: Network,
  reference: Reference,
): Promise<void> {
  const stored = storedOf(reference, graphOf(network, reference).statistics);
  const spec: ModelSpec = {
    ...{ network, input: reference.shape, classes: reference.classes, loss: crossEntropy },
    optimiser: { kind: "sgd", momentum: 0, weightDecay: 0, nesterov: false },
  };
  const model = await engine.createModel(spec, stored);
  const wide = new Map([...stored].map(([name, w]) => [name, Float64Array.from(w)]));
  const graph = placeConcats(fuse(record(network, reference.shape, "inference")));
  const expected = new Interpreter(graph, wide).forward(Float64Array.from(reference.images));
  const prediction = await model.predict(reference.images, reference.shape);
  expect(relativeDifference(prediction, expected)).toBeLessThan(1e-4);
  const batch = { images: reference.images, classes: reference.labels };
  const rate = 2 ** -3;
  const loss = await model.step(batch, rate);
  expect(Math.abs(loss - reference.loss)).toBeLessThan(1e-4 * reference.loss);
  const after = await model.readWeights();
  const gradients = new Map(
    [...reference.weights].map(([name, before]) => [
      name,
      before.map((value, i) => (value - (after.get(name)?.[i] ?? Number.NaN)) / rate),
    ]),
  );
  expectGradients(gradients, reference, 1e-3);
  model.dispose();
}

/** Norms of all gradients; those of nothing but rounding are small beside the largest. */
function expectGradients(
  gradients: ReadonlyMap<string, ArrayLike<number>>,
  { parameters }: Reference,
  tolerance: number,
): void {
  const largest = Math.max(...parameters.map(({ grad_l2 }) => grad_l2));
  for (const { ours, grad_l2, shape } of parameters) {
    const gradient = gradients.get(ours);
    expect(gradient?.length, ours).toBe(shape.reduce((all, n) => all * n, 1));
    const norm = Math.sqrt(Array.from(gradient ?? [], (g) => g ** 2).reduce((a, b) => a + b, 0));
    expect(Math.abs(norm - grad_l2), `${ours}: ${norm} for ${grad_l2}`).toBeLessThan(
      tolerance * (grad_l2 + 1e-3 * largest),
    );
  }
}
