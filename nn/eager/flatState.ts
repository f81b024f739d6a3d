import type * as tf from "@tensorflow/tfjs-core";
import { PlannerError } from "#core/errors.ts";
import type { Description } from "../describeNetwork.ts";
import type { OptimiserSpec, Weights } from "../engine.ts";
import { adamwUpdate } from "./adamw.ts";
import { sgdUpdate } from "./sgd.ts";

/** All weights in one vector, and each of the optimiser's moments. */
export interface FlatState {
  readonly parameters: tf.Tensor;
  readonly moments: tf.Tensor[];
}

export function disposeAll({ parameters, moments }: FlatState): void {
  for (const tensor of [parameters, ...moments]) tensor.dispose();
}

/**
 * The state after one step.
 *
 * @param step - counted from 1
 * @returns new tensors; the caller disposes the old ones
 */
export function updated(
  { parameters, moments }: FlatState,
  gradient: tf.Tensor,
  spec: OptimiserSpec,
  learningRate: number,
  step: number,
): FlatState {
  const [first, second] = moments as [tf.Tensor, tf.Tensor];
  if (spec.kind === "sgd") {
    const next = sgdUpdate({ parameters, velocity: first }, gradient, spec, learningRate);
    return { parameters: next.parameters, moments: [next.velocity] };
  }
  const next = adamwUpdate({ parameters, first, second }, gradient, spec, learningRate, step);
  return { parameters: next.parameters, moments: [next.first, next.second] };
}

/** @throws PlannerError "argument" when a weight is missing or has another size */
export function flattened({ weights: shapes }: Description, weights: Weights): Float32Array {
  const flat = new Float32Array([...shapes.values()].reduce((sum, one) => sum + sizeOf(one), 0));
  let at = 0;
  for (const [name, shape] of shapes) {
    const values = weights.get(name);
    if (values?.length !== sizeOf(shape)) {
      throw new PlannerError(
        "argument",
        `weight ${name} must have ${sizeOf(shape)} values, got ${values?.length ?? "none"}`,
      );
    }
    flat.set(values, at);
    at += values.length;
  }
  return flat;
}

/** The vector on this side, by weight. */
export async function unflattened(
  { weights: shapes }: Description,
  flat: tf.Tensor,
): Promise<Weights> {
  const values = await flat.data();
  const weights = new Map<string, Float32Array>();
  let at = 0;
  for (const [name, shape] of shapes) {
    const size = sizeOf(shape);
    weights.set(name, values.slice(at, at + size) as Float32Array);
    at += size;
  }
  return weights;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
