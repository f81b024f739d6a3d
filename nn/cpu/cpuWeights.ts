import { PlannerError } from "#core/errors.ts";
import type { OptimiserSpec, TrainingState, Weights } from "../engine.ts";
import { momentCount } from "../kernels/optimiser.reference.ts";
import { elements } from "../plan/graph.ts";
import type { Executor } from "./executor.ts";
import { layOutWeights, type WeightLayout } from "./weightLayout.ts";

/** Weights, gradients and moments of a network in the memory of its executor. */
export class CpuWeights {
  readonly layout: WeightLayout;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #optimiser: OptimiserSpec;
  readonly #device: Executor;
  #steps = 0;

  /** @param device - whose memory reaches to the layout's end when the weights are used */
  constructor(
    shapes: ReadonlyMap<string, readonly number[]>,
    optimiser: OptimiserSpec,
    device: Executor,
  ) {
    this.layout = layOutWeights(shapes, device.kernels.firstFree());
    this.#shapes = shapes;
    this.#optimiser = optimiser;
    this.#device = device;
  }

  /** Optimiser steps done. */
  get steps(): number {
    return this.#steps;
  }

  read(): Weights {
    return this.#readAll(this.layout.weights);
  }

  gradients(): Weights {
    return this.#readAll(this.layout.gradients);
  }

  /** @throws PlannerError "argument" for weights that do not fit; nothing was written then */
  write(weights: Weights): void {
    this.#requireFit(weights);
    this.#writeAll(weights, this.layout.weights);
  }

  state(): TrainingState {
    const moments = this.#moments().map((start) => this.#readAll(start));
    return { steps: this.#steps, weights: this.read(), moments };
  }

  /** @throws PlannerError "argument" for a state of another network or optimiser */
  writeState({ steps, weights, moments }: TrainingState): void {
    const starts = this.#moments();
    if (moments.length !== starts.length)
      throw new PlannerError(
        "argument",
        `moments must be ${starts.length} for this optimiser, got ${moments.length}`,
      );
    for (const one of [weights, ...moments]) this.#requireFit(one);
    this.#writeAll(weights, this.layout.weights);
    for (const [i, one] of moments.entries()) this.#writeAll(one, starts[i] ?? 0);
    this.#steps = steps;
  }

  clearGradients(): void {
    this.#device.kernels.clear(this.layout.gradients, 0, 1, this.layout.count);
  }

  /** Moves the weights by their gradients. */
  update(learningRate: number): void {
    const { kernels } = this.#device;
    const { count, weights, gradients, firstMoments, secondMoments } = this.layout;
    const step = ++this.#steps;
    if (this.#optimiser.kind === "sgd") {
      const { momentum, weightDecay, nesterov } = this.#optimiser;
      kernels.sgd(
        ...[weights, gradients, firstMoments, count],
        ...[momentum, weightDecay, learningRate, nesterov ? 1 : 0],
      );
      return;
    }
    const { beta1, beta2, epsilon, weightDecay } = this.#optimiser;
    kernels.adamw(
      ...[weights, gradients, firstMoments, secondMoments, count],
      ...[beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - learningRate * weightDecay],
      ...[learningRate / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)],
    );
  }

  /** Where each of the optimiser's moments starts. */
  #moments(): number[] {
    const { firstMoments, secondMoments } = this.layout;
    return [firstMoments, secondMoments].slice(0, momentCount(this.#optimiser));
  }

  /** Addresses of one of the flat vectors by weight. */
  #address(name: string, start: number): number {
    return this.layout.weight(name) - this.layout.weights + start;
  }

  #requireFit(weights: Weights): void {
    for (const [name, shape] of this.#shapes) {
      const values = weights.get(name);
      if (values?.length === elements(shape)) continue;
      throw new PlannerError(
        "argument",
        `weight ${name} must have ${elements(shape)} values, got ${values?.length ?? "none"}`,
      );
    }
  }

  #writeAll(weights: Weights, start: number): void {
    for (const [name, values] of weights) {
      if (!this.#shapes.has(name)) continue;
      this.#floats(this.#address(name, start), values.length).set(values);
    }
  }

  #readAll(start: number): Weights {
    return new Map(
      [...this.#shapes].map(([name, shape]) => [
        name,
        this.#floats(this.#address(name, start), elements(shape)).slice(),
      ]),
    );
  }

  #floats(address: number, count: number): Float32Array {
    return new Float32Array(this.#device.memory.buffer, address, count);
  }
}
