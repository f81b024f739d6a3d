import { PlannerError } from "../errors.ts";

/** Fewest and most picks of one volume. */
export type PickRange = readonly [fewest: number, most: number];

/**
 * Keeps the picks of every volume between a fewest and a most number, while rows of many
 * volumes are picked one after the other.
 */
export class Quota {
  readonly #volumeOf: ArrayLike<number>;
  readonly #fewest: readonly number[];
  readonly #most: readonly number[];
  readonly #taken: number[];
  /** Picks that no volume's fewest number needs any more. */
  #free: number;

  /**
   * @param volumeOf - index of the volume each row belongs to
   * @param ranges - per volume
   * @param picks - in all
   * @throws PlannerError "argument" when the ranges cannot give that many picks
   */
  constructor(volumeOf: ArrayLike<number>, ranges: readonly PickRange[], picks: number) {
    this.#volumeOf = volumeOf;
    this.#fewest = ranges.map(([fewest]) => fewest);
    this.#most = ranges.map(([, most]) => most);
    this.#taken = ranges.map(() => 0);
    const least = this.#fewest.reduce((sum, one) => sum + one, 0);
    const limit = this.#most.reduce((sum, one) => sum + one, 0);
    if (picks < least || picks > limit) {
      throw new PlannerError(
        "argument",
        `picks must be from ${least} to ${limit}, the sums of fewest and most per volume, got ${picks}`,
      );
    }
    this.#free = picks - least;
  }

  /** Whether the row may be picked next. Once false for a row, it stays false. */
  allows(row: number): boolean {
    const volume = this.#volumeOf[row] as number;
    const taken = this.#taken[volume] as number;
    if (taken < (this.#fewest[volume] as number)) return true;
    return this.#free > 0 && taken < (this.#most[volume] as number);
  }

  /** Notes that the row was picked. */
  take(row: number): void {
    const volume = this.#volumeOf[row] as number;
    const taken = this.#taken[volume] as number;
    if (taken >= (this.#fewest[volume] as number)) this.#free--;
    this.#taken[volume] = taken + 1;
  }
}
