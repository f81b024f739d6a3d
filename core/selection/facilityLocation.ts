import { cosineSimilarity, type Features, requirePicks, rowNorms } from "./features.ts";

/** Rows in the order they were picked, and the set score after each pick. */
export interface FacilityPicks {
  readonly picks: readonly number[];
  /** score[k] = F(S) after k + 1 picks */
  readonly score: readonly number[];
}

/**
 * Representative selection: greedily maximises how well the picked rows stand for all.
 *
 *     F(S) = sum_j max(0, max_{i in S} cos(f_i, f_j))
 *
 * F is monotone and submodular, so the greedy set reaches at least 1 - 1/e of the best.
 * Gains only shrink, so a row is re-evaluated only when its old gain still leads (Minoux
 * 1978, doi:10.1007/BFb0006528); ties go to the smallest index.
 *
 * Source: Zheng et al. 2019, doi:10.1609/aaai.v33i01.33015901 (representativeness);
 * Nemhauser, Wolsey and Fisher 1978, doi:10.1007/BF01588971 (bound).
 */
export function facilityLocation(features: Features, count: number): FacilityPicks {
  requirePicks(count, features);
  const norms = rowNorms(features);
  const current = new Float64Array(features.count);
  const gainOf = (row: number): number => {
    let gain = 0;
    for (let other = 0; other < features.count; other++) {
      const more = cosineSimilarity(features, norms, row, other) - (current[other] as number);
      if (more > 0) gain += more;
    }
    return gain;
  };
  const gains = Float64Array.from({ length: features.count }, (_, row) => gainOf(row));
  const evaluatedAt = new Int32Array(features.count);
  const picks: number[] = [];
  const score: number[] = [];
  let total = 0;
  while (picks.length < count) {
    let best = leader(gains);
    while (evaluatedAt[best] !== picks.length) {
      gains[best] = gainOf(best);
      evaluatedAt[best] = picks.length;
      best = leader(gains);
    }
    total += gains[best] as number;
    picks.push(best);
    score.push(total);
    gains[best] = Number.NEGATIVE_INFINITY;
    for (let other = 0; other < features.count; other++) {
      const similarity = cosineSimilarity(features, norms, best, other);
      if (similarity > (current[other] as number)) current[other] = similarity;
    }
  }
  return { picks, score };
}

/** Index of the largest gain, the smallest such index. */
function leader(gains: Float64Array): number {
  let best = 0;
  for (let row = 1; row < gains.length; row++) {
    if ((gains[row] as number) > (gains[best] as number)) best = row;
  }
  return best;
}
