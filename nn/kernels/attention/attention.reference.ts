/** Sizes of an attention: [batch, queries, channels] and [batch, keys, channels]. */
export interface AttentionShape {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly channels: number;
  readonly heads: number;
}

/** Arrays of one attention. */
export interface AttentionArrays {
  /** [batch, queries, channels] */
  readonly query: Float64Array;
  /** [batch, keys, channels] */
  readonly key: Float64Array;
  /** [batch, keys, channels] */
  readonly value: Float64Array;
}

/**
 * y[q] = sum over k of share[q, k] value[k], share = softmax over k of query[q] . key[k] / sqrt(d),
 * for each head of d = channels / heads neighbouring channels.
 *
 * @returns [batch, queries, channels]
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762.
 */
export function attentionReference(shape: AttentionShape, arrays: AttentionArrays): Float64Array {
  const y = new Float64Array(arrays.query.length);
  eachQuery(shape, (at) => {
    sharesOf(shape, arrays, at).forEach((share, k) => {
      for (let c = 0; c < at.size; c++)
        y[at.query + c] = (y[at.query + c] ?? 0) + share * (arrays.value[at.key(k) + c] ?? 0);
    });
  });
  return y;
}

/** dL/dquery, dL/dkey and dL/dvalue of `attentionReference`, given dL/dy. */
export function attentionGradientReference(
  shape: AttentionShape,
  arrays: AttentionArrays,
  dy: Float64Array,
): AttentionArrays {
  const query = new Float64Array(arrays.query.length);
  const key = new Float64Array(arrays.key.length);
  const value = new Float64Array(arrays.value.length);
  eachQuery(shape, (at) => {
    const shares = sharesOf(shape, arrays, at);
    const byShare = shares.map((_, k) => dot(dy, at.query, arrays.value, at.key(k), at.size));
    const mean = shares.reduce((sum, share, k) => sum + share * (byShare[k] ?? 0), 0);
    shares.forEach((share, k) => {
      const byScore = (share * ((byShare[k] ?? 0) - mean)) / Math.sqrt(at.size);
      for (let c = 0; c < at.size; c++) {
        const [q, j] = [at.query + c, at.key(k) + c];
        query[q] = (query[q] ?? 0) + byScore * (arrays.key[j] ?? 0);
        key[j] = (key[j] ?? 0) + byScore * (arrays.query[q] ?? 0);
        value[j] = (value[j] ?? 0) + share * (dy[q] ?? 0);
      }
    });
  });
  return { query, key, value };
}

interface QueryPlace {
  /** Index of the head's first channel. */
  readonly query: number;
  key(k: number): number;
  readonly size: number;
}

function eachQuery(shape: AttentionShape, visit: (at: QueryPlace) => void): void {
  const { batch, queries, keys, channels, heads } = shape;
  const size = channels / heads;
  for (let n = 0; n < batch; n++)
    for (let head = 0; head < heads; head++)
      for (let q = 0; q < queries; q++)
        visit({
          query: (n * queries + q) * channels + head * size,
          key: (k) => (n * keys + k) * channels + head * size,
          size,
        });
}

function sharesOf(
  { keys }: AttentionShape,
  { query, key }: AttentionArrays,
  at: QueryPlace,
): number[] {
  const scores = Array.from(
    { length: keys },
    (_, k) => dot(query, at.query, key, at.key(k), at.size) / Math.sqrt(at.size),
  );
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, size: number): number {
  let sum = 0;
  for (let c = 0; c < size; c++) sum += (a[aAt + c] ?? 0) * (b[bAt + c] ?? 0);
  return sum;
}
