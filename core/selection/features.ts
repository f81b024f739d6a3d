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

/** The rows scaled to length 1; a row without length stays 0. */
export function unitRows({ count, length, values }: Features, norms: Float64Array): Features {
  const scaled = new Float32Array(values.length);
  for (let row = 0; row < count; row++) {
    const norm = norms[row] as number;
    if (norm === 0) continue;
    for (let at = row * length; at < (row + 1) * length; at++) {
      scaled[at] = (values[at] as number) / norm;
    }
  }
  return { count, length, values: scaled };
}

/**
 * Rows of several volumes one after the other.
 *
 * @throws PlannerError "argument" when rows differ in length
 */
export function joinedFeatures(parts: readonly Features[]): Features {
  const length = parts[0]?.length ?? 0;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const values = new Float32Array(count * length);
  let at = 0;
  for (const part of parts) {
    if (part.length !== length) {
      throw new PlannerError(
        "argument",
        `features must be of one length, got ${length} and ${part.length}`,
      );
    }
    values.set(part.values, at);
    at += part.values.length;
  }
  return { count, length, values };
}

/** Whether all rows are the same, so that nothing tells slices apart. */
export function isUniform({ count, length, values }: Features): boolean {
  for (let at = length; at < count * length; at++) {
    if (values[at] !== values[at - length]) return false;
  }
  return true;
}

/** @throws PlannerError "argument" when more is to be picked than there is, or nothing */
export function requirePicks(count: number, { count: available }: Features): void {
  if (Number.isInteger(count) && count >= 1 && count <= available) return;
  throw new PlannerError(
    "argument",
    `picks must be an integer from 1 to the ${available} slices there are, got ${count}`,
  );
}
