import type { Example } from "../selection/annotate.ts";
import { greyScale } from "../volume/greyScale.ts";
import { sliceOf } from "../volume/volume.ts";
import { fillByCascade, type Warp } from "./cascade.ts";
import { type CascadeOptions, cascadeDefaults } from "./combineSides.ts";
import { alongFlow, denseFlow, type Flow, type Picture } from "./denseFlow.ts";
import type { Interpolator } from "./interpolator.ts";

/**
 * Carries masks from both sides of a gap along the optical flow between neighbouring slices
 * (`denseFlow.ts`), and blends them by nearness (`cascade.ts`).
 */
export const opticalFlow =
  (options: CascadeOptions = cascadeDefaults): Interpolator =>
  async (examples, context) => {
    const filled: Example[] = [];
    let image: Example["image"] | null = null;
    let warp = null as Warp | null;
    for (const example of examples) {
      // Examples of one image share the flows between its slices.
      if (warp === null || image !== example.image) warp = flowWarp(example.image);
      image = example.image;
      filled.push(await fillByCascade(example, warp, options, context));
    }
    return filled;
  };

/** Flows kept at most, bytes; the oldest go first. */
const KEPT = 128 * 2 ** 20;

function flowWarp(image: Example["image"]): Warp {
  const [, height, width] = image.shape;
  const grey = greyScale(image);
  const pictureOf = (index: number): Picture => ({
    height,
    width,
    values: grey(sliceOf(image.voxels, image.shape, index)),
  });
  const kept = new Map<string, Flow>();
  const most = Math.max(1, Math.floor(KEPT / (8 * height * width)));
  const flowOf = (source: number, target: number): Flow => {
    const key = `${source} ${target}`;
    const flow = kept.get(key) ?? denseFlow(pictureOf(target), pictureOf(source));
    kept.set(key, flow);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return flow;
  };
  return async (source, target, values) =>
    alongFlow(flowOf(source, target), { height, width }, values);
}
