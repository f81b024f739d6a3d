import * as v from "valibot";
import { rules } from "../schema.ts";
import type { CascadeOptions } from "./combineSides.ts";

const shareRule = "a number from 0 to 1";
const shareFromZero = v.pipe(
  v.number(shareRule),
  v.check((n) => n >= 0 && n <= 1, shareRule),
);

/** What cascades leave open, with defaults; meanings in `CascadeOptions`. */
const cascadeFields = {
  combine: v.optional(
    rules.name(["distance", "equal", "nearest", "confidence", "union", "intersection"]),
    "distance",
  ),
  carry: v.optional(rules.name(["soft", "hard"]), "soft"),
  path: v.optional(rules.name(["unit", "direct", "both"]), "unit"),
  outer: v.optional(rules.name(["propagate", "background", "unannotated"]), "propagate"),
  /** 0 fills every pixel. */
  minConfidence: v.optional(shareFromZero, 0),
  /** 2 is the most that two sides can differ. */
  maxDisagreement: v.optional(rules.positive(2), 2),
};

/** What is chosen for the learned interpolator besides. */
const learnedFields = {
  /** Encoder: one for laptops, or the published one. */
  network: v.optional(rules.name(["small", "paper"]), "small"),
  /** Decides the first weights and every draw of its training. */
  seed: v.optional(rules.integer(0, 2 ** 31 - 1), 1),
};

/** What follows the encoder unless it is said. */
const trainingFields = {
  /** Optimiser steps. */
  steps: v.optional(rules.integer(1, 1_000_000)),
  learningRate: v.optional(rules.positive(1)),
  /** R: a pixel looks at (2R + 1)^2 candidates. */
  radius: v.optional(rules.integer(0, 32)),
  /** Candidates outside the image take part as zeros, as published, or are left out. */
  border: v.optional(rules.name(["zero", "exclude"])),
  /** Of the softmax of edge profiles, for intensities of 0 to 255. */
  temperature: v.optional(rules.positive(1000)),
  /** K: slices drawn from one volume for one tuple. */
  tupleSlices: v.optional(rules.integer(2, 32)),
  /** Largest mean distance between neighbours of a tuple, slices. */
  maxGap: v.optional(rules.positive(1000)),
  /** Tuples in one step. */
  tuples: v.optional(rules.integer(1, 64)),
  /** Largest height and width of a training crop, pixels. */
  crop: v.optional(rules.integer(8, 1024)),
  /**
   * Chance that a slice is rebuilt from a rebuilt neighbour instead of the true one: rises
   * from 0 to this over the first half of training (scheduled sampling).
   */
  sampling: v.optional(shareFromZero),
  /** Changes window and gamma of each slice at random where the encoder sees it. */
  jitter: v.optional(v.boolean("true or false")),
};

/**
 * How gaps are filled, whatever the interpolator; part of an experiment. The fields of
 * cascades hold for optical flow and the learned interpolator, which alone are never sure.
 */
export const interpolationSchema = v.object({
  ...cascadeFields,
  ...learnedFields,
  ...trainingFields,
});

export type InterpolationSettings = v.InferOutput<typeof interpolationSchema>;

/** Everything about the learned interpolator, nothing left open. */
export type LearnedOptions = CascadeOptions & {
  readonly [K in keyof typeof learnedFields | keyof typeof trainingFields]-?: NonNullable<
    InterpolationSettings[K]
  >;
};

type Training = Pick<LearnedOptions, keyof typeof trainingFields>;

const trainings: Record<LearnedOptions["network"], Training> = {
  small: {
    ...{ steps: 800, learningRate: 1e-3, radius: 4, border: "zero", temperature: 1 },
    ...{ tupleSlices: 4, maxGap: 1.5, tuples: 1, crop: 64, sampling: 0.5, jitter: false },
  },
  paper: {
    ...{ steps: 20_000, learningRate: 1e-4, radius: 6, border: "zero", temperature: 1 },
    ...{ tupleSlices: 6, maxGap: 20, tuples: 4, crop: 256, sampling: 0.5, jitter: true },
  },
};

/** Settings with nothing said. */
export const defaultInterpolation: InterpolationSettings = v.parse(interpolationSchema, {});

/** All settings of the learned interpolator: what is not said follows its encoder. */
export function learnedOptionsOf(settings: InterpolationSettings): LearnedOptions {
  const said = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { ...trainings[settings.network], ...Object.fromEntries(said) } as LearnedOptions;
}

/** What decides the weights of the encoder. */
export function encoderOptionsOf(options: LearnedOptions): readonly unknown[] {
  const names = [...Object.keys(learnedFields), ...Object.keys(trainingFields)].sort();
  return names.map((name) => options[name as keyof LearnedOptions]);
}

/**
 * What of the settings decides the numbers of trials; nothing where they are the ordinary
 * ones, so that results keep the name they had before there was a choice.
 */
export function interpolationKey(settings: InterpolationSettings): unknown[] {
  const [own, ordinary] = [settings, defaultInterpolation].map((one) => {
    const options = learnedOptionsOf(one);
    const names = Object.keys(options).sort() as (keyof LearnedOptions)[];
    return names.map((name) => options[name]);
  });
  return JSON.stringify(own) === JSON.stringify(ordinary) ? [] : [own];
}
