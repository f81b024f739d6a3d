import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { PlannerError } from "./errors.ts";
import { hash32 } from "./hash.ts";

/** A stream of numbers that look like chance and are determined by a seed and a name. */
export interface Random {
  /**
   * An independent stream. It depends on this stream's seed and the name alone, never on
   * how many numbers were drawn, so one more draw here cannot change what happens there.
   */
  fork(name: string): Random;
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** Standard normal (Box and Muller 1958, doi:10.1214/aoms/1177706645). */
  normal(): number;
  /** The integers 0..count-1 in random order (Fisher and Yates). */
  permutation(count: number): number[];
}

/**
 * The stream that belongs to a seed.
 *
 * @param seed - an integer; experiments record it
 * @throws PlannerError "argument" when the seed is not a safe integer
 */
export function seededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) {
    throw new PlannerError("argument", `seed must be an integer, got ${seed}`);
  }
  return streamOf(`${seed}`);
}

function streamOf(path: string): Random {
  const generator = xoroshiro128plus(hash32(path));
  const uniform = () => uniformFloat64(generator);
  const integer = (below: number) => {
    if (!Number.isSafeInteger(below) || below < 1) {
      throw new PlannerError("argument", `below must be a positive integer, got ${below}`);
    }
    return uniformInt(generator, 0, below - 1);
  };
  return {
    fork: (name) => streamOf(`${path}/${name}`),
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    permutation: (count) => {
      const order = Array.from({ length: count }, (_, index) => index);
      for (let last = count - 1; last > 0; last--) {
        const other = integer(last + 1);
        [order[last], order[other]] = [order[other] as number, order[last] as number];
      }
      return order;
    },
  };
}
