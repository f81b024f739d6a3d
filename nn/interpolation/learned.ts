import { fillByCascade, type Warp } from "#core/interpolation/cascade.ts";
import type { Interpolator } from "#core/interpolation/interpolator.ts";
import { seededRandom } from "#core/random.ts";
import type { Example } from "#core/selection/annotate.ts";
import { encoderKey, type InterpolationMeans } from "./interpolationMeans.ts";
import { learnedWarp } from "./learnedWarp.ts";
import { createEncoder, startAffinity, trainCorrespondence } from "./trainCorrespondence.ts";

/**
 * The interpolation of the paper: an encoder that learned on images alone how slices
 * correspond carries masks from both sides of a gap (`cascade.ts`). It is trained once per pool
 * and settings; its seed is a setting, so that all repeats share it.
 */
export function learned(means: InterpolationMeans): Interpolator {
  const { engine, pool, encoders, learned: options, report } = means;
  return async (examples, context) => {
    if (!examples.some(hasGap)) return examples;
    const key = encoderKey(means);
    let weights = await encoders.get(key);
    if (!weights) {
      const random = seededRandom(options.seed);
      weights = await trainCorrespondence(engine, pool, options, { ...context, random, report });
      await encoders.put(key, weights);
    }
    const affinity = await startAffinity();
    const filled: Example[] = [];
    const model = await createEncoder(engine, options, [1, 8, 8], weights);
    try {
      const warps = new Map<Example["image"], Warp>();
      for (const example of examples) {
        const { image } = example;
        const warp = warps.get(image) ?? learnedWarp(image, model, affinity, options);
        // Examples of one image share the features of its slices.
        if (!warps.has(image)) warps.clear();
        warps.set(image, warp);
        filled.push(await fillByCascade(example, warp, options, context));
      }
    } finally {
      model.dispose();
    }
    return filled;
  };
}

function hasGap({ annotated, known }: Example): boolean {
  return annotated.length > 0 && annotated.length < known.shape[0];
}
