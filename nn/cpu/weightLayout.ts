import { elements } from "../plan/graph.ts";

/**
 * Addresses of weights, gradients and moments: four flat vectors of `count` floats, in each of
 * which a weight starts at a multiple of 4 floats. Running statistics stand behind them.
 */
export interface WeightLayout {
  readonly count: number;
  readonly weights: number;
  readonly gradients: number;
  readonly firstMoments: number;
  readonly secondMoments: number;
  /** First address after them. */
  readonly end: number;
  /** Address of a weight or a running statistic. @throws RangeError for a name that is no weight */
  weight(name: string): number;
  /** Address of its gradient. @throws RangeError as `weight` */
  gradient(name: string): number;
}

/**
 * @param start - first free address, bytes
 * @param statistics - running statistics by name
 */
export function layOutWeights(
  shapes: ReadonlyMap<string, readonly number[]>,
  start: number,
  statistics: ReadonlyMap<string, readonly number[]> = new Map(),
): WeightLayout {
  const offsets = new Map<string, number>();
  let count = 0;
  for (const [name, shape] of shapes) {
    offsets.set(name, count);
    count += Math.ceil(elements(shape) / 4) * 4;
  }
  // Kernels load up to a few floats past the last weight: the next vector is there.
  const base = Math.ceil(start / 64) * 64;
  const vector = (index: number) => base + index * 4 * count;
  let end = vector(4);
  const stored = new Map<string, number>();
  for (const [name, shape] of statistics) {
    stored.set(name, end);
    end += Math.ceil(elements(shape) / 4) * 16;
  }
  const offset = (name: string): number => {
    const found = offsets.get(name);
    if (found === undefined) throw new RangeError(`weights must hold ${name}`);
    return 4 * found;
  };
  return {
    ...{ count, weights: vector(0), gradients: vector(1) },
    ...{ firstMoments: vector(2), secondMoments: vector(3), end },
    weight: (name) => stored.get(name) ?? vector(0) + offset(name),
    gradient: (name) => vector(1) + offset(name),
  };
}
