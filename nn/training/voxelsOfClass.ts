import type { Random } from "#core/random.ts";
import { type Mask, UNANNOTATED } from "#core/volume/volume.ts";

/** Voxels remembered of each class; more would tell a random draw nothing new. */
const MOST = 100_000;

/**
 * Flat indices of the voxels of each class in a mask: background, class 1, .., and last the
 * voxels nobody annotated. Of a class with more than 100,000 voxels a uniform random part is
 * kept (Vitter 1985, doi:10.1145/3147.3165).
 *
 * @param classes - background included
 * @returns [classes + 1] lists
 */
export function voxelsOfClass(
  { classes: labels }: Mask,
  classes: number,
  random: Random,
): readonly Uint32Array[] {
  const counts = new Array<number>(classes + 1).fill(0);
  const bucketOf = (label: number) => (label === UNANNOTATED ? classes : label);
  for (const label of labels) counts[bucketOf(label)] = (counts[bucketOf(label)] ?? 0) + 1;
  const lists = counts.map((count) => new Uint32Array(Math.min(MOST, count)));
  counts.fill(0);
  for (let index = 0; index < labels.length; index++) {
    const bucket = bucketOf(labels[index] as number);
    const seen = counts[bucket] ?? 0;
    counts[bucket] = seen + 1;
    const place = seen < MOST ? seen : random.integer(seen + 1);
    if (place < MOST) (lists[bucket] as Uint32Array)[place] = index;
  }
  return lists;
}
