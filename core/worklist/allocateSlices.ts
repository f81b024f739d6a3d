import { PlannerError } from "../errors.ts";

/**
 * Divides slices among volumes in proportion to their depth: first every volume gets the
 * whole part of its share and at least one, then the largest fractions get one more (Hare's
 * method of the largest remainder), never more than a volume has.
 *
 * @param depths - slices of each volume
 * @param total - slices to annotate in all
 * @returns slices of each volume; they sum to `total`
 * @throws PlannerError "experiment" when there are fewer slices than volumes, or more than exist
 */
export function allocateSlices(depths: readonly number[], total: number): number[] {
  const all = depths.reduce((sum, depth) => sum + depth, 0);
  if (!Number.isInteger(total) || total < depths.length || total > all) {
    throw new PlannerError(
      "experiment",
      `slices must be from ${depths.length} (one per volume) to ${all} (every one), got ${total}`,
    );
  }
  const shares = depths.map((depth) => (depth / all) * total);
  const counts = shares.map((share, k) =>
    Math.min(depths[k] as number, Math.max(1, Math.floor(share))),
  );
  let left = total - counts.reduce((sum, count) => sum + count, 0);
  while (left !== 0) {
    const step = Math.sign(left);
    const gaps = counts.map((count, k) => {
      const isPossible = step > 0 ? count < (depths[k] as number) : count > 1;
      return isPossible ? step * ((shares[k] as number) - count) : Number.NEGATIVE_INFINITY;
    });
    const next = gaps.indexOf(Math.max(...gaps));
    counts[next] = (counts[next] as number) + step;
    left -= step;
  }
  return counts;
}
