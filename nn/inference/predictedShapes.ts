import { isVolumePatch, type PatchSize } from "#core/experiment/patchSize.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { paddedSlices } from "./predictMask.ts";
import { windowCorners, windowsAtOnce } from "./predictVolume.ts";

export interface PredictionSizes {
  /** Of the volume. */
  readonly shape: Shape3;
  /** That the network trained on. */
  readonly patch: PatchSize;
  /** Slices are padded to multiples of this. */
  readonly multiple: number;
}

/** Shapes of the batches that `predictCase` predicts: full ones, and what is left over. */
export function predictedShapes({ shape, patch, multiple }: PredictionSizes): number[][] {
  const of = (all: number, atOnce: number, rest: number, spatial: readonly number[]) =>
    [all >= atOnce ? atOnce : 0, rest].flatMap((n) => (n > 0 ? [[n, ...spatial, 1]] : []));
  if (isVolumePatch(patch)) {
    const [all, atOnce] = [windowCorners(shape, patch).length, windowsAtOnce(patch)];
    return of(all, atOnce, all % atOnce === 0 ? 0 : 1, patch);
  }
  const [depth, height, width] = shape;
  const { slicesAtOnce, ...padded } = paddedSlices([height, width], patch, multiple);
  return of(depth, slicesAtOnce, depth % slicesAtOnce, [padded.height, padded.width]);
}
