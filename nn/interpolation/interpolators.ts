import type { InterpolatorName } from "#core/experiment/methods.ts";
import type { Interpolator } from "#core/interpolation/interpolator.ts";
import { nearest } from "#core/interpolation/nearest.ts";
import { none } from "#core/interpolation/none.ts";
import { opticalFlow } from "#core/interpolation/opticalFlow.ts";
import { signedDistance } from "#core/interpolation/signedDistance.ts";
import type { InterpolationMeans } from "./interpolationMeans.ts";
import { learned } from "./learned.ts";
import { startMorphological } from "./morphological/itkPipeline.ts";
import { morphological } from "./morphological/morphological.ts";

/** The interpolator of this name. */
export function interpolatorFor(name: InterpolatorName, means: InterpolationMeans): Interpolator {
  return makers[name](means);
}

const makers: Record<InterpolatorName, (means: InterpolationMeans) => Interpolator> = {
  none: () => none,
  nearest: () => nearest,
  signedDistance: () => signedDistance,
  morphological: ({ morphological: files }) => {
    let started: ReturnType<typeof startMorphological> | null = null;
    return morphological(() => {
      started ??= startMorphological(files);
      return started;
    });
  },
  opticalFlow: ({ learned: options }) => opticalFlow(options),
  learned,
};
