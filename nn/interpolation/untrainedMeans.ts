import { PlannerError } from "#core/errors.ts";
import {
  defaultInterpolation,
  learnedOptionsOf,
} from "#core/interpolation/interpolationSettings.ts";
import type { Engine } from "../engine.ts";
import { type InterpolationMeans, memoryEncoders } from "./interpolationMeans.ts";
import type { MorphologicalFiles } from "./morphological/itkPipeline.ts";

const refuse = () =>
  Promise.reject(
    new PlannerError(
      "argument",
      "the learned interpolation has to be trained on a cohort first; choose another one here",
    ),
  );

const noEngine: Engine = {
  backend: "cpu",
  device: "none",
  createModel: refuse,
  planMemory: () => null,
  dispose: () => undefined,
};

/** Means for every interpolator that needs no training; the learned one says that it does. */
export function untrainedMeans(morphological: MorphologicalFiles): InterpolationMeans {
  return {
    engine: noEngine,
    morphological,
    encoders: memoryEncoders(),
    pool: { ids: [], fingerprint: "", shapeOf: () => [1, 1, 1], imageOf: refuse },
    learned: learnedOptionsOf(defaultInterpolation),
    report: () => undefined,
  };
}
