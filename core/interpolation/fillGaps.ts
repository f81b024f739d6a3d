import type { Example } from "../selection/annotate.ts";

/** The annotated slices around a slice: one on each side, or the same twice beyond the ends. */
export interface Neighbours {
  readonly left: number;
  readonly right: number;
}

/**
 * An example whose unannotated slices were filled; annotated slices stay as they were.
 * Without an annotated slice nothing is known, and the example comes back as it is.
 *
 * @param fill - classes of one slice [height * width], from its index and neighbours
 */
export function fillGaps(
  example: Example,
  fill: (index: number, neighbours: Neighbours) => Uint8Array,
): Example {
  const { known, annotated } = example;
  const [first] = annotated;
  if (first === undefined) return example;
  const [depth, height, width] = known.shape;
  const classes = known.classes.slice();
  let next = 0;
  for (let index = 0; index < depth; index++) {
    while (next < annotated.length && (annotated[next] as number) < index) next++;
    if (annotated[next] === index) continue;
    const left = annotated[next - 1] ?? first;
    const right = annotated[next] ?? left;
    classes.set(fill(index, { left, right }), index * height * width);
  }
  return { ...example, known: { shape: known.shape, classes } };
}
