import { hashText } from "#core/hash.ts";
import {
  encoderOptionsOf,
  type LearnedOptions,
} from "#core/interpolation/interpolationSettings.ts";
import type { Engine, Weights } from "../engine.ts";
import type { MorphologicalFiles } from "./morphological/itkPipeline.ts";
import type { ImageSource } from "./sliceTuples.ts";
import type { CorrespondenceProgress } from "./trainCorrespondence.ts";

/** Encoders that were trained before, by a name for all that decides their weights. */
export interface EncoderCache {
  get(key: string): Promise<Weights | undefined>;
  put(key: string, weights: Weights): Promise<void>;
}

/** What interpolators need that a page and a runner have in different places. */
export interface InterpolationTools {
  readonly morphological: MorphologicalFiles;
  readonly encoders: EncoderCache;
}

/** What interpolators may see and use. */
export interface InterpolationMeans extends InterpolationTools {
  readonly engine: Engine;
  /** Images that the learned interpolator trains on; it sees no mask. */
  readonly pool: ImageSource & {
    /** Names their voxels. */
    readonly fingerprint: string;
  };
  readonly learned: LearnedOptions;
  report(progress: CorrespondenceProgress): void;
}

/** A name for everything that decides the weights of an encoder. */
export function encoderKey({
  pool,
  learned: options,
}: Pick<InterpolationMeans, "pool" | "learned">): string {
  const drawn = [...pool.ids].sort();
  return hashText(JSON.stringify([pool.fingerprint, drawn, encoderOptionsOf(options)]));
}

/** Encoders kept in memory as long as the program runs. */
export function memoryEncoders(): EncoderCache {
  const kept = new Map<string, Weights>();
  return {
    get: async (key) => kept.get(key),
    put: async (key, weights) => void kept.set(key, weights),
  };
}
