import { hashText } from "../hash.ts";
import {
  type InterpolationSettings,
  interpolationKey,
} from "../interpolation/interpolationSettings.ts";
import type { Experiment, NetworkSize } from "./experiment.ts";
import {
  type InterpolatorName,
  type NetworkName,
  networkDimensions,
  type StrategyName,
} from "./methods.ts";
import { defaultRecipe, type Recipe } from "./recipe.ts";
import { type SelectionSettings, selectionKey } from "./selection.ts";
import { classLabels, targetLabels } from "./target.ts";

/** Everything that defines a model except the seed. */
export interface Configuration {
  readonly network: NetworkName;
  readonly density: number;
  readonly volumeFraction: number;
  readonly strategy: StrategyName;
  readonly interpolator: InterpolatorName;
}

/** How a trial trains: what the experiment says for networks of its dimensions. */
export interface TrainingSettings {
  readonly networkSize: NetworkSize;
  readonly iterations: number;
  /** Slices or 3D patches of one step. */
  readonly batchSize: number;
  readonly learningRate: number;
  /** [height, width] of a 2D network, [depth, height, width] of a 3D one. */
  readonly patch:
    | "auto"
    | readonly [height: number, width: number]
    | readonly [depth: number, height: number, width: number];
  readonly recipe: Recipe;
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
  readonly selection: SelectionSettings;
  readonly interpolation: InterpolationSettings;
}

/**
 * The trials of an experiment, repeat by repeat, so that a whole curve stands before any
 * point is repeated; within a repeat from the smallest budget to the largest.
 */
export function expandExperiment(experiment: Experiment): Trial[] {
  const configurations = configurationsOf(experiment);
  return Array.from({ length: experiment.repeats }, (_, repeat) =>
    configurations.map((configuration) => ({
      id: trialId(configuration, repeat),
      configuration,
      repeat,
      seed: experiment.seed + repeat,
      training: trainingOf(experiment, configuration.network),
      selection: experiment.selection,
      interpolation: experiment.interpolation,
    })),
  ).flat();
}

/** How an experiment trains a network. */
export function trainingOf(
  experiment: Pick<
    Experiment,
    | "networkSize"
    | "iterations"
    | "batchSize"
    | "batchSize3d"
    | "learningRate"
    | "patch"
    | "patch3d"
    | "recipe"
  >,
  network: NetworkName,
): TrainingSettings {
  const { networkSize, iterations, learningRate, recipe } = experiment;
  const isDeep = networkDimensions[network] === 3;
  return {
    networkSize,
    iterations,
    batchSize: isDeep ? experiment.batchSize3d : experiment.batchSize,
    learningRate,
    patch: isDeep ? experiment.patch3d : experiment.patch,
    recipe,
  };
}

/** The configurations of an experiment, from the smallest budget to the largest. */
export function configurationsOf(experiment: Experiment): Configuration[] {
  const { networks, densities, volumeFractions, strategies, interpolators } = experiment;
  return volumeFractions
    .flatMap((volumeFraction) => densities.map((density) => ({ density, volumeFraction })))
    .sort((a, b) => a.density * a.volumeFraction - b.density * b.volumeFraction)
    .flatMap((size) =>
      networks.flatMap((network) =>
        strategies.flatMap((strategy) =>
          interpolators.map((interpolator) => ({ network, ...size, strategy, interpolator })),
        ),
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
 * What a choice added later leaves at its default takes no part, so that results from before
 * that choice existed keep their fingerprint.
 *
 * @param cohortFingerprint - of the cohort's voxels, see `core/cohort/cohort.ts`
 */
export function experimentFingerprint(experiment: Experiment, cohortFingerprint: string): string {
  const { target, split, seed, networkSize, iterations, batchSize, learningRate, patch } =
    experiment;
  const added = addedChoices(experiment);
  return hashText(
    JSON.stringify([
      cohortFingerprint,
      targetLabels(target),
      split,
      seed,
      networkSize,
      iterations,
      batchSize,
      learningRate,
      patch,
      ...(Object.keys(added).length > 0 ? [added] : []),
    ]),
  );
}

/** Choices of schema version 2 that are not at their defaults. */
function addedChoices({ target, batchSize3d, patch3d, recipe, ...rest }: Experiment) {
  const { selection, interpolation } = rest;
  const gaps = interpolationKey(interpolation);
  const classes = classLabels(target).map((labels) => [...labels].sort((a, b) => a - b));
  const isDefault = JSON.stringify(recipe) === JSON.stringify(defaultRecipe);
  return {
    ...(classes.length > 1 ? { classes, score: target.score } : {}),
    ...(batchSize3d === 2 ? {} : { batchSize3d }),
    ...(patch3d === "auto" ? {} : { patch3d }),
    ...(isDefault ? {} : { recipe }),
    ...selectionKey(selection),
    ...(gaps.length === 0 ? {} : { gaps }),
  };
}
