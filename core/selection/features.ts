import { PlannerError } from "../errors.ts";

/** Descriptors of slices: row-major [count, length]. */
export interface Features {
  readonly count: number;
  readonly length: number;
  readonly values: Float32Array;
}

/** How far two descriptors are apart; `cosine` is 1 - cosine similarity. */
export type Metric = "euclidean" | "cosine";

/**
 * Distance between two rows.
 *
 * @param norms - Euclidean length of every row, see `rowNorms`; used by `cosine` only
 */
export function distanceBetween(
  { length, values }: Features,
  norms: Float64Array,
  metric: Metric,
  first: number,
  second: number,
): number {
  if (metric === "cosine") return 1 - cosineSimilarity({ length, values }, norms, first, second);
  let sum = 0;
  for (let a = first * length, b = second * length, end = a + length; a < end; a++, b++) {
    const difference = (values[a] as number) - (values[b] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** Cosine of the angle between two rows; 0 where a row has no length. */
export function cosineSimilarity(
  { length, values }: Pick<Features, "length" | "values">,
  norms: Float64Array,
  first: number,
  second: number,
): number {
  const scale = (norms[first] as number) * (norms[second] as number);
  if (scale === 0) return first === second ? 1 : 0;
  let dot = 0;
  for (let a = first * length, b = second * length, end = a + length; a < end; a++, b++) {
    dot += (values[a] as number) * (values[b] as number);
  }
  return dot / scale;
}

/** Euclidean length of every row, [count]. */
export function rowNorms({ count, length, values }: Features): Float64Array {
  const norms = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let index = row * length; index < (row + 1) * length; index++) {
      sum += (values[index] as number) ** 2;
    }
    norms[row] = Math.sqrt(sum);
  }
  return norms;
}

/** @throws PlannerError "argument" when more is to be picked than there is, or nothing */
export function requirePicks(count: number, { count: available }: Features): void {
  if (Number.isInteger(count) && count >= 1 && count <= available) return;
  throw new PlannerError(
    "argument",
    `picks must be an integer from 1 to the ${available} slices there are, got ${count}`,
  );
}
