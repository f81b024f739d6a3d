import type { Warp } from "#core/interpolation/cascade.ts";
import type { LearnedOptions } from "#core/interpolation/interpolationSettings.ts";
import { greyScale } from "#core/volume/greyScale.ts";
import { sliceOf, type Volume } from "#core/volume/volume.ts";
import type { Model } from "../engine.ts";
import type { AffinityDevice } from "./affinity.ts";
import { edgeProfile, PROFILE_CHANNELS } from "./edgeProfile.ts";
import { featuresOf } from "./trainCorrespondence.ts";

/** Features kept at most, bytes; those used longest ago go first. */
const KEPT = 256 * 2 ** 20;

/** Carries values between slices of one volume by the affinity of their learned features. */
export function learnedWarp(
  image: Volume & { readonly voxels: Float32Array },
  model: Model,
  affinity: AffinityDevice,
  options: Pick<LearnedOptions, "network" | "radius" | "border" | "temperature">,
): Warp {
  const [, height, width] = image.shape;
  const { radius, border, temperature } = options;
  const channels = featuresOf(options);
  const grey = greyScale(image);
  const kept = new Map<number, Float32Array>();
  const most = Math.max(2, Math.floor(KEPT / (4 * height * width * channels)));

  const featuresAt = async (index: number): Promise<Float32Array> => {
    const known = kept.get(index);
    kept.delete(index);
    const features = known ?? (await encode(index));
    kept.set(index, features);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return features;
  };
  const encode = (index: number) => {
    const slice = grey(sliceOf(image.voxels, image.shape, index));
    const profile = edgeProfile(slice, [height, width], temperature);
    return model.predict(profile, [1, height, width, PROFILE_CHANNELS]);
  };

  return async (source, target, values) => {
    const [given, wanted] = [await featuresAt(source), await featuresAt(target)];
    const both = new Float32Array(2 * given.length);
    both.set(given);
    both.set(wanted, given.length);
    const shape = { slices: 2, height, width, channels, radius, border };
    return affinity.stack(shape, both).reconstruct(1, 0, values);
  };
}
