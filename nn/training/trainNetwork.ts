import type { Gate, StopSignal } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import type { Random } from "#core/random.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import type { Example } from "#core/selection/annotate.ts";
import { secondsNow } from "../clock.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine, LossSpec, Model, OptimiserSpec } from "../engine.ts";
import type { Network } from "../ops.ts";
import { initialWeights } from "../weights.ts";
import { sliceBatches } from "./batches.ts";
import type { PatchSize } from "./patchSize.ts";
import { learningRateAt, type Schedule } from "./schedule.ts";

export interface Training {
  readonly network: Network;
  readonly classes: number;
  readonly loss: LossSpec;
  readonly optimiser: OptimiserSpec;
  readonly schedule: Schedule;
  readonly learningRate: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly patch: PatchSize;
}

export interface TrainingContext {
  /** Streams "weights" and "batches" are drawn from its forks of these names. */
  readonly random: Random;
  readonly signal: StopSignal;
  readonly gate: Gate;
  report(progress: TrialProgress): void;
}

export interface Trained {
  /** The caller disposes it. */
  readonly model: Model;
  /** Of every step, before its update. */
  readonly losses: readonly number[];
  /** Median over the steps, the first left out. */
  readonly secondsPerStep: number;
}

/**
 * Trains a network on annotated slices.
 *
 * @throws PlannerError "divergence" when a loss is not finite, "device" when the device
 *   fails, "argument" when the network cannot take the patch
 */
export async function trainNetwork(
  engine: Engine,
  training: Training,
  examples: readonly Example[],
  { random, signal, gate, report }: TrainingContext,
): Promise<Trained> {
  const { network, classes, loss, optimiser, batchSize, patch, steps } = training;
  const input = [batchSize, ...patch, 1];
  const batches = sliceBatches(examples, batchSize, patch, random.fork("batches"));
  const weights = initialWeights(describeNetwork(network, input), random.fork("weights"));
  const model = await engine.createModel({ network, input, classes, loss, optimiser }, weights);
  try {
    const losses: number[] = [];
    const durations = new RunningMedian();
    for (let step = 0; step < steps; step++) {
      await gate();
      signal.throwIfAborted();
      const started = secondsNow();
      const rate = learningRateAt(training.schedule, training.learningRate, step, steps);
      const value = requireFinite(await model.step(batches.next().value, rate), step);
      durations.add(secondsNow() - started, step === 0);
      losses.push(value);
      const secondsPerStep = durations.median;
      report({ phase: "train", step: step + 1, steps, loss: value, secondsPerStep });
    }
    return { model, losses, secondsPerStep: durations.median };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function requireFinite(loss: number, step: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new PlannerError(
    "divergence",
    `the loss of step ${step + 1} is not finite (${loss}); lower the learning rate`,
  );
}

/** Median of the numbers so far; a first warm-up number counts until there is another. */
class RunningMedian {
  #sorted: number[] = [];
  #warmUp: number | null = null;

  add(value: number, isWarmUp: boolean): void {
    if (isWarmUp) {
      this.#warmUp = value;
      return;
    }
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    this.#sorted.splice(low, 0, value);
  }

  get median(): number {
    return this.#sorted[this.#sorted.length >> 1] ?? this.#warmUp ?? 0;
  }
}
