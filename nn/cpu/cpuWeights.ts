import { PlannerError } from "#core/errors.ts";
import type { Description } from "../describeNetwork.ts";
import type { OptimiserSpec, TrainingState, Weights } from "../engine.ts";
import { runningShare } from "../kernels/norm/norm.reference.ts";
import { momentCount } from "../kernels/optimiser.reference.ts";
import { elements, type Running } from "../plan/graph.ts";
import type { Executor } from "./executor.ts";
import { layOutWeights, type WeightLayout } from "./weightLayout.ts";

/** What a batch norm measured in a batch. */
export interface MeasuredBatch {
  readonly running: Running;
  /** Address of [3, channels]: mean, 1 / sqrt(variance + epsilon), what the mean lost. */
  readonly statistics: number;
  readonly channels: number;
  /** Values that each mean was taken over. */
  readonly count: number;
  readonly epsilon: number;
}

/** Weights, gradients and moments of a network in the memory of its executor. */
export class CpuWeights {
  readonly layout: WeightLayout;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #statistics: ReadonlyMap<string, readonly number[]>;
  readonly #optimiser: OptimiserSpec;
  readonly #device: Executor;
  #steps = 0;

  /** @param device - whose memory reaches to the layout's end when the weights are used */
  constructor(
    { weights, statistics }: Pick<Description, "weights" | "statistics">,
    optimiser: OptimiserSpec,
    device: Executor,
  ) {
    this.layout = layOutWeights(weights, device.kernels.firstFree(), statistics);
    this.#shapes = weights;
    this.#statistics = statistics;
    this.#optimiser = optimiser;
    this.#device = device;
  }

  /** Optimiser steps done. */
  get steps(): number {
    return this.#steps;
  }

  read(): Weights {
    const stored = [...this.#statistics].map(([name, shape]) => {
      const values = this.#floats(this.layout.weight(name), elements(shape)).slice();
      return [name, values] as const;
    });
    return new Map([...this.#readAll(this.layout.weights), ...stored]);
  }

  gradients(): Weights {
    return this.#readAll(this.layout.gradients);
  }

  /** @throws PlannerError "argument" for weights that do not fit; nothing was written then */
  write(weights: Weights): void {
    this.#requireFit(weights);
    this.#requireStatistics(weights);
    this.#writeAll(weights, this.layout.weights);
    this.#writeStatistics(weights);
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
    for (const one of moments) this.#requireFit(one);
    this.write(weights);
    for (const [i, one] of moments.entries()) this.#writeAll(one, starts[i] ?? 0);
    this.#steps = steps;
  }

  /** Moves running statistics by those of a batch. */
  updateStatistics(measured: readonly MeasuredBatch[]): void {
    for (const { running, statistics, count, epsilon, channels } of measured) {
      const row = (index: number) => this.#floats(statistics + 4 * index * channels, channels);
      const [means, inverses, lost] = [row(0), row(1), row(2)];
      const mean = this.#floats(this.layout.weight(running.mean), channels);
      const variance = this.#floats(this.layout.weight(running.variance), channels);
      for (let c = 0; c < channels; c++) {
        const biased = 1 / (inverses[c] ?? 1) ** 2 - epsilon;
        const unbiased = (biased * count) / (count - 1);
        const moved = (from: number, to: number) => from + runningShare * (to - from);
        mean[c] = moved(mean[c] ?? 0, (means[c] ?? 0) + (lost[c] ?? 0));
        variance[c] = moved(variance[c] ?? 0, unbiased);
      }
    }
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
    for (const [name, shape] of this.#shapes) requireLength(weights, name, elements(shape));
  }

  #requireStatistics(weights: Weights): void {
    for (const [name, shape] of this.#statistics) requireLength(weights, name, elements(shape));
  }

  #writeStatistics(weights: Weights): void {
    for (const [name, shape] of this.#statistics)
      this.#floats(this.layout.weight(name), elements(shape)).set(weights.get(name) ?? []);
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

function requireLength(weights: Weights, name: string, wanted: number): void {
  const values = weights.get(name);
  if (values?.length === wanted) return;
  throw new PlannerError(
    "argument",
    `weight ${name} must have ${wanted} values, got ${values?.length ?? "none"}`,
  );
}
