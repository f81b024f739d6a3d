import type { Context } from "#core/context.ts";
import type { Interpolator } from "#core/interpolation/interpolator.ts";
import { nearest } from "#core/interpolation/nearest.ts";
import type { Example } from "#core/selection/annotate.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";
import type { MorphologicalPipeline } from "./itkPipeline.ts";

/**
 * Morphological contour interpolation: between two annotated slices each shape grows into the
 * other through the median of the two, parts that meet, part or stand alone paired as ITK
 * does. A class that stands on one side only shrinks to its centroid, as ITK lets a part
 * shrink that overlaps nothing; beyond the outermost annotated slices their
 * mask is kept.
 *
 * @param start - starts ITK, called when the first gap needs it
 */
export function morphological(start: () => Promise<MorphologicalPipeline>): Interpolator {
  return async (examples, context) => {
    const filled: Example[] = [];
    // Copies of the nearest slice stand beyond the ends, and are written over between them.
    for (const [index, example] of (await nearest(examples, context)).entries())
      filled.push(await fillGaps(example, examples[index] as Example, start, context));
    return filled;
  };
}

async function fillGaps(
  filled: Example,
  { known, annotated }: Example,
  start: () => Promise<MorphologicalPipeline>,
  { signal, gate }: Pick<Context, "signal" | "gate">,
): Promise<Example> {
  const [, height, width] = known.shape;
  const size = height * width;
  const classes = filled.known.classes.slice();
  for (const [index, left] of annotated.entries()) {
    const right = annotated[index + 1] ?? left;
    const between = right - left - 1;
    if (between < 1) continue;
    await gate();
    signal.throwIfAborted();
    const sides = [left, right].map((z) => known.classes.subarray(z * size, (z + 1) * size));
    const [first, last] = sides as [Uint8Array, Uint8Array];
    const gap = classes.subarray((left + 1) * size, right * size).fill(0);
    for (const one of classesOn(first, last)) {
      const labels = new Uint8Array((between + 2) * size);
      labels.set(shapeOf(one, first, last, width));
      labels.set(shapeOf(one, last, first, width), (between + 1) * size);
      const result = (await start()).fill(labels, [between + 2, height, width]);
      for (let place = 0; place < gap.length; place++)
        if (result[size + place] === 1) gap[place] = one;
    }
  }
  return { ...filled, known: { shape: known.shape, classes } };
}

/** Foreground classes of two slices, ascending: where they meet, the larger one wins. */
function classesOn(first: Uint8Array, last: Uint8Array): number[] {
  const classes = new Set([...new Set(first), ...new Set(last)]);
  classes.delete(0);
  classes.delete(UNANNOTATED);
  return [...classes].sort((a, b) => a - b);
}

/**
 * Where a class stands on a slice, 1 inside. Where it stands on the other slice only, this is
 * the one pixel at its centroid there.
 */
function shapeOf(one: number, slice: Uint8Array, other: Uint8Array, width: number): Uint8Array {
  const shape = slice.map((value) => (value === one ? 1 : 0));
  if (shape.includes(1)) return shape;
  let [count, y, x] = [0, 0, 0];
  for (const [place, value] of other.entries()) {
    if (value !== one) continue;
    count++;
    y += Math.floor(place / width);
    x += place % width;
  }
  shape[Math.round(y / count) * width + Math.round(x / count)] = 1;
  return shape;
}
