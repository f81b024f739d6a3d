import type { Example } from "../selection/annotate.ts";
import { sliceOf } from "../volume/volume.ts";
import { fillGaps } from "./fillGaps.ts";
import type { Interpolator } from "./interpolator.ts";
import { blendShapes, type SliceShape, sliceShape } from "./shapeBased.ts";

/**
 * Shape-based interpolation: between two annotated slices the mask is that of the blended
 * signed distances (`shapeBased.ts`); beyond the outermost annotated slices their mask is
 * kept. In-plane spacing counts.
 */
export const signedDistance: Interpolator = async (examples, { signal, gate }) => {
  const filled: Example[] = [];
  for (const example of examples) {
    await gate();
    signal.throwIfAborted();
    filled.push(fillExample(example));
  }
  return filled;
};

function fillExample(example: Example): Example {
  const { known, image } = example;
  const plane = [known.shape[1], known.shape[2]] as const;
  const spacing = [image.spacing[1], image.spacing[2]] as const;
  const shapes = new Map<number, SliceShape>();
  const shapeAt = (index: number): SliceShape => {
    const shape =
      shapes.get(index) ?? sliceShape(sliceOf(known.classes, known.shape, index), plane, spacing);
    shapes.set(index, shape);
    return shape;
  };
  return fillGaps(example, (index, { left, right }) => {
    if (left === right) return sliceOf(known.classes, known.shape, left);
    const t = (index - left) / (right - left);
    return blendShapes(shapeAt(left), shapeAt(right), t, plane, spacing);
  });
}
