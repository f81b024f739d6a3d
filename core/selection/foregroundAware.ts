import type { TargetStrategy } from "./strategy.ts";

/** Share of picks drawn among slices that show the target. */
const TARGET_SHARE = 2 / 3;

/**
 * Random slices of which two in three show the target, as long as there are such slices; the
 * rest is drawn from all slices. It knows where the target is, which nobody does before
 * annotating: a biased comparator, not a plan that can be followed.
 *
 * Source: "foreground-aware random", nnActive, arXiv:2511.19183 (two thirds of its patches
 * in one mode); whole slices in place of patches are ours.
 */
export const foregroundAware: TargetStrategy = (hasTarget, count, random, quota) => {
  const anywhere = random.fork("anywhere").permutation(hasTarget.length);
  const onTarget = random
    .fork("target")
    .permutation(hasTarget.length)
    .filter((row) => hasTarget[row]);
  const taken = new Set<number>();
  /** The next row of a queue that may be picked; rows passed over never may be again. */
  const next = (queue: number[]): number | undefined => {
    for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
      if (!taken.has(row) && (quota?.allows(row) ?? true)) return row;
    }
    return undefined;
  };
  while (taken.size < count) {
    const wantsTarget = random.uniform() < TARGET_SHARE;
    const row = (wantsTarget ? next(onTarget) : undefined) ?? next(anywhere);
    if (row === undefined) break;
    taken.add(row);
    quota?.take(row);
  }
  return [...taken];
};
