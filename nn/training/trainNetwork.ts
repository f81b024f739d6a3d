import type { Gate, StopSignal } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import type { PatchSize } from "#core/experiment/patchSize.ts";
import type { AugmentationName, Sampling, Schedule } from "#core/experiment/recipe.ts";
import type { Random } from "#core/random.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import type { Example } from "#core/selection/annotate.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type {
  Engine,
  LossSpec,
  Model,
  ModelSpec,
  OptimiserSpec,
  TrainingState,
} from "../engine.ts";
import type { Network } from "../ops.ts";
import { initialWeights } from "../weights.ts";
import { batchesFor } from "./batchesFor.ts";
import { learningRateAt } from "./schedule.ts";
import { StepClock } from "./stepClock.ts";
import { StepsUnderWay } from "./stepsUnderWay.ts";
import { whatFits } from "./whatFits.ts";

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
  /** Where 3D patches are centred. */
  readonly sampling: Sampling;
  readonly augmentations: readonly AugmentationName[];
}

/** A moment of a training. */
export interface TrainingPoint {
  readonly state: TrainingState;
  /** Of every step so far. */
  readonly losses: readonly number[];
}

export interface TrainingContext {
  /** Streams "weights" and "batches" are drawn from its forks of these names. */
  readonly random: Random;
  readonly signal: StopSignal;
  readonly gate: Gate;
  report(progress: TrialProgress): void;
  /** Where an earlier training of the same kind had come; from the start without it. */
  readonly from?: TrainingPoint | null;
  /**
   * Asked before each step, and `keep` called where one is due; also where training is stopped,
   * so that nothing of it is lost. Neither throws.
   */
  readonly checkpoints?: {
    isDue(): boolean;
    keep(point: TrainingPoint): Promise<void>;
  };
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
 * Trains a network on annotated slices. As many steps are under way as the engine allows, and
 * the next batch is made while they are; the numbers are those of steps one by one. Between
 * two steps it stops at the gate, and what was under way is still reported.
 *
 * @throws PlannerError "divergence" when a loss is not finite, "device" when the device
 *   fails, "argument" when the network cannot take the patch or `from` is of another network
 */
export async function trainNetwork(
  engine: Engine,
  training: Training,
  examples: readonly Example[],
  { random, signal, gate, report, from, checkpoints }: TrainingContext,
): Promise<Trained> {
  const { network, classes, loss, optimiser, batchSize, patch, steps } = training;
  const input = [batchSize, ...patch, 1];
  const batches = batchesFor(examples, training, random.fork("batches"));
  const weights = initialWeights(describeNetwork(network, input), random.fork("weights"));
  const spec = { network, input, classes, loss, optimiser };
  requireRoom(engine, spec);
  const model = await engine.createModel(spec, weights);
  const losses = [...(from?.losses ?? [])];
  const clock = new StepClock();
  const underWay = new StepsUnderWay(model.stepsAhead, (value) => {
    clock.ended();
    losses.push(requireFinite(value, losses.length));
    const secondsPerStep = clock.median;
    // Who stopped it wants to hear no more of it.
    if (!signal.aborted)
      report({ phase: "train", step: losses.length, steps, loss: value, secondsPerStep });
  });
  const keep = async () => {
    await underWay.end();
    await checkpoints?.keep({ state: await model.readState(), losses });
  };
  try {
    if (from) await model.writeState(from.state);
    for (let step = losses.length; step < steps; step++) {
      const batch = batches.at(step);
      await underWay.room();
      if (checkpoints?.isDue()) await keep();
      await gate();
      signal.throwIfAborted();
      clock.began();
      underWay.add(
        model.step(batch, learningRateAt(training.schedule, training.learningRate, step, steps)),
      );
    }
    await underWay.end();
    return { model, losses, secondsPerStep: clock.median };
  } catch (error) {
    if (signal.aborted && losses.length > 0) await keep().catch(() => undefined);
    underWay.abandon();
    model.dispose();
    throw error;
  }
}

/** @throws PlannerError "device" naming the batch or patch that fits */
function requireRoom(engine: Engine, spec: ModelSpec): void {
  const plan = engine.planMemory(spec, []);
  if (!plan || plan.fits) return;
  const advice = whatFits(engine, spec) ?? "take a smaller batch, patch or network";
  throw new PlannerError(
    "device",
    `training on [${spec.input.join(", ")}] needs about ${Math.ceil(plan.bytes / 2 ** 20)} MB, more ` +
      `than ${engine.device} allows; ${advice}`,
  );
}

function requireFinite(loss: number, step: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new PlannerError(
    "divergence",
    `the loss of step ${step + 1} is not finite (${loss}); lower the learning rate`,
  );
}
