import { hashText } from "../hash.ts";
import type { Experiment, NetworkSize } from "./experiment.ts";
import type { InterpolatorName, NetworkName, StrategyName } from "./methods.ts";

/** Everything that defines a model except the seed. */
export interface Configuration {
  readonly network: NetworkName;
  readonly density: number;
  readonly volumeFraction: number;
  readonly strategy: StrategyName;
  readonly interpolator: InterpolatorName;
}

/** How every trial of an experiment trains. */
export interface TrainingSettings {
  readonly networkSize: NetworkSize;
  readonly iterations: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly patch: "auto" | readonly [height: number, width: number];
}

/** One configuration with one seed: one training run, as plain data. */
export interface Trial {
  /** Unique in its experiment, readable, safe in file names. */
  readonly id: string;
  readonly configuration: Configuration;
  /** 0-based; trials of one repeat share their seed, whatever their configuration. */
  readonly repeat: number;
  readonly seed: number;
  readonly training: TrainingSettings;
}

/**
 * The trials of an experiment, repeat by repeat, so that a whole curve stands before any
 * point is repeated; within a repeat from the smallest budget to the largest.
 */
export function expandExperiment(experiment: Experiment): Trial[] {
  const { networkSize, iterations, batchSize, learningRate, patch } = experiment;
  const training = { networkSize, iterations, batchSize, learningRate, patch };
  const configurations = configurationsOf(experiment);
  return Array.from({ length: experiment.repeats }, (_, repeat) =>
    configurations.map((configuration) => ({
      id: trialId(configuration, repeat),
      configuration,
      repeat,
      seed: experiment.seed + repeat,
      training,
    })),
  ).flat();
}

/** The configurations of an experiment, from the smallest budget to the largest. */
export function configurationsOf(experiment: Experiment): Configuration[] {
  const { network, densities, volumeFractions, strategies, interpolators } = experiment;
  return volumeFractions
    .flatMap((volumeFraction) => densities.map((density) => ({ density, volumeFraction })))
    .sort((a, b) => a.density * a.volumeFraction - b.density * b.volumeFraction)
    .flatMap((size) =>
      strategies.flatMap((strategy) =>
        interpolators.map((interpolator) => ({ network, ...size, strategy, interpolator })),
      ),
    );
}

/** `unet2d-d0.1-v0.25-fixedInterval-none-r0`. */
export function trialId(configuration: Configuration, repeat: number): string {
  const { network, density, volumeFraction, strategy, interpolator } = configuration;
  return `${network}-d${density}-v${volumeFraction}-${strategy}-${interpolator}-r${repeat}`;
}

/**
 * A name for everything that decides the numbers of an experiment's trials besides
 * configuration and repeat: two experiments with the same fingerprint may share results.
 * The grid lists and the number of repeats are left out, so that an experiment can grow.
 *
 * @param cohortFingerprint - of the cohort's voxels, see `core/cohort/cohort.ts`
 */
export function experimentFingerprint(experiment: Experiment, cohortFingerprint: string): string {
  const { target, split, seed, networkSize, iterations, batchSize, learningRate, patch } =
    experiment;
  return hashText(
    JSON.stringify([
      cohortFingerprint,
      [...target.labels].sort((a, b) => a - b),
      split,
      seed,
      networkSize,
      iterations,
      batchSize,
      learningRate,
      patch,
    ]),
  );
}
