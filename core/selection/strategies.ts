import type { StrategyName, strategySight } from "../experiment/methods.ts";
import { coveringPicks } from "./coveringPicks.ts";
import { facilityLocation } from "./facilityLocation.ts";
import { fixedInterval } from "./fixedInterval.ts";
import { fixedIntervalRandomOffset } from "./fixedIntervalRandomOffset.ts";
import { foregroundAware } from "./foregroundAware.ts";
import { kCenterGreedy, medoidOf } from "./kCenterGreedy.ts";
import type { Strategy } from "./strategy.ts";
import { stratified } from "./stratified.ts";
import { typicalPicks } from "./typicalPicks.ts";
import { uniformRandom } from "./uniformRandom.ts";

type Sighted<N extends StrategyName> = Extract<Strategy, { sees: (typeof strategySight)[N] }>;

/** What each name in `core/experiment/methods.ts` does; a name without a method does not compile. */
export const strategies: { readonly [N in StrategyName]: Sighted<N> } = {
  fixedInterval: { sees: "place", pick: fixedInterval },
  fixedIntervalRandomOffset: { sees: "place", pick: fixedIntervalRandomOffset },
  uniformRandom: { sees: "place", pick: uniformRandom },
  stratified: { sees: "place", pick: stratified },
  unsupervised: {
    sees: "image",
    pick: (features, count, _, quota) => facilityLocation(features, count, quota).picks,
  },
  coreset: {
    sees: "image",
    pick: (features, count, _, quota) => {
      const first = firstAllowed(medoidOf(features), features.count, quota);
      return kCenterGreedy(features, count, first, "euclidean", quota).picks;
    },
  },
  typiclust: { sees: "image", pick: typicalPicks },
  probcover: { sees: "image", pick: coveringPicks },
  foregroundAware: { sees: "target", pick: foregroundAware },
};

/** The row itself, or the first one a quota allows where it refuses that. */
function firstAllowed(
  row: number,
  count: number,
  quota: { allows(row: number): boolean } | undefined,
): number {
  if (!quota || quota.allows(row)) return row;
  for (let other = 0; other < count; other++) if (quota.allows(other)) return other;
  return row;
}
