import {
  type DistanceBounds,
  distanceBounds,
  squaredBound,
  squaredLimit,
} from "./distanceBounds.ts";
import { cosineSimilarity, type Features, requirePicks, rowNorms, unitRows } from "./features.ts";
import { leader } from "./leader.ts";
import type { Quota } from "./quota.ts";

/** Rows in the order they were picked, and the set score after each pick. */
export interface FacilityPicks {
  readonly picks: readonly number[];
  /** score[k] = F(S) after k + 1 picks */
  readonly score: readonly number[];
}

/** Up to this many rows every row is stood for; of more, evenly spread ones are. */
const EXACT_ROWS = 8192;
const FEWEST_REFERENCES = 2048;
/** From this many rows on, bounds on similarities pay for themselves. */
const BOUNDED_ROWS = 512;

/**
 * Representative selection: greedily maximises how well the picked rows stand for all.
 *
 *     F(S) = sum_j max(0, max_{i in S} cos(f_i, f_j))
 *
 * F is monotone and submodular, so the greedy set reaches at least 1 - 1/e of the best, where
 * no quota says otherwise. Gains only shrink, so a row is re-evaluated only when its old gain
 * still leads (Minoux 1978, doi:10.1007/BFb0006528); ties go to the smallest index.
 *
 * Above 8192 rows the sum runs over max(2048, 2 x picks) evenly spread rows j and is scaled
 * up, so that the cost stays within count x picks; any row may still be picked.
 *
 * Source: Zheng et al. 2019, doi:10.1609/aaai.v33i01.33015901 (representativeness);
 * Nemhauser, Wolsey and Fisher 1978, doi:10.1007/BF01588971 (bound); the spread is ours.
 */
export function facilityLocation(
  features: Features,
  count: number,
  quota?: Quota,
  references: readonly number[] = referencesOf(features.count, count),
): FacilityPicks {
  requirePicks(count, features);
  const served = new ServedRows(features, references);
  const gains = Float64Array.from({ length: features.count }, (_, row) => served.gainOf(row));
  const evaluatedAt = new Int32Array(features.count);
  const picks: number[] = [];
  const score: number[] = [];
  let total = 0;
  while (picks.length < count) {
    let best = leader(gains, Number.NEGATIVE_INFINITY, quota);
    while (evaluatedAt[best] !== picks.length) {
      gains[best] = served.gainOf(best);
      evaluatedAt[best] = picks.length;
      best = leader(gains, Number.NEGATIVE_INFINITY, quota);
    }
    total += gains[best] as number;
    picks.push(best);
    score.push((total * features.count) / references.length);
    gains[best] = Number.NEGATIVE_INFINITY;
    quota?.take(best);
    served.serve(best);
  }
  return { picks, score };
}

function referencesOf(rows: number, picks: number): number[] {
  const wanted = rows <= EXACT_ROWS ? rows : Math.min(rows, Math.max(FEWEST_REFERENCES, 2 * picks));
  return Array.from({ length: wanted }, (_, k) => Math.floor(((k + 0.5) * rows) / wanted));
}

/** How well each reference row is stood for by the rows picked so far. */
class ServedRows {
  readonly #features: Features;
  readonly #references: readonly number[];
  readonly #norms: Float64Array;
  /** Of rows scaled to length 1; null where there are too few to bother. */
  readonly #bounds: DistanceBounds | null;
  /** Largest similarity to a pick, from 0; per reference. */
  readonly #current: Float64Array;
  /** Squared distance of unit rows beyond which the similarity is no larger than that. */
  readonly #limits: Float64Array;

  constructor(features: Features, references: readonly number[]) {
    this.#features = features;
    this.#references = references;
    this.#norms = rowNorms(features);
    const isBounded = features.count >= BOUNDED_ROWS;
    this.#bounds = isBounded ? distanceBounds(unitRows(features, this.#norms)) : null;
    this.#current = new Float64Array(references.length);
    this.#limits = new Float64Array(references.length).fill(Number.POSITIVE_INFINITY);
  }

  /** What the score would gain by a row. */
  gainOf(row: number): number {
    let gain = 0;
    for (let at = 0; at < this.#references.length; at++) {
      const current = this.#current[at] as number;
      const similarity = this.#similarity(row, at);
      if (similarity > current) gain += similarity - current;
    }
    return gain;
  }

  serve(row: number): void {
    for (let at = 0; at < this.#references.length; at++) {
      const similarity = this.#similarity(row, at);
      if (similarity > (this.#current[at] as number)) {
        this.#current[at] = similarity;
        // Rows of length 1 are sqrt(2 - 2 cos) apart.
        const distance = Math.sqrt(Math.max(0, 2 - 2 * similarity));
        this.#limits[at] = this.#bounds ? squaredLimit(this.#bounds, distance) : 0;
      }
    }
  }

  /** The similarity of a row and a reference; 0 where it is surely no larger than known. */
  #similarity(row: number, at: number): number {
    const other = this.#references[at] as number;
    const limit = this.#limits[at] as number;
    if (this.#bounds && limit < Number.POSITIVE_INFINITY) {
      if (squaredBound(this.#bounds, row, other, limit) > limit) return 0;
    }
    return cosineSimilarity(this.#features, this.#norms, row, other);
  }
}
