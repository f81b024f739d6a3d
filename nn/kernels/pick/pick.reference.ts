/** Sizes of a pick: [batch, from, channels] to [batch, to, channels]. */
export interface PickShape {
  readonly batch: number;
  readonly from: number;
  readonly to: number;
  readonly channels: number;
}

/**
 * y[n, j] = x[n, index[n, j]], or the token where the index is -1.
 *
 * @param index - [batch, to], places of x
 */
export function pickReference(
  shape: PickShape,
  x: Float64Array,
  index: Int32Array,
  token: Float64Array | null,
): Float64Array {
  const y = new Float64Array(shape.batch * shape.to * shape.channels);
  eachPick(shape, index, (source, at) => {
    for (let c = 0; c < shape.channels; c++)
      y[at + c] = (source === null ? token?.[c] : x[source + c]) ?? 0;
  });
  return y;
}

/** dL/dx and dL/dtoken of `pickReference`, given dL/dy. */
export function pickGradientReference(
  shape: PickShape,
  index: Int32Array,
  dy: Float64Array,
): { dx: Float64Array; token: Float64Array } {
  const dx = new Float64Array(shape.batch * shape.from * shape.channels);
  const token = new Float64Array(shape.channels);
  eachPick(shape, index, (source, at) => {
    for (let c = 0; c < shape.channels; c++) {
      const g = dy[at + c] ?? 0;
      if (source === null) token[c] = (token[c] ?? 0) + g;
      else dx[source + c] = (dx[source + c] ?? 0) + g;
    }
  });
  return { dx, token };
}

function eachPick(
  { batch, from, to, channels }: PickShape,
  index: Int32Array,
  visit: (source: number | null, target: number) => void,
): void {
  for (let n = 0; n < batch; n++)
    for (let j = 0; j < to; j++) {
      const place = index[n * to + j] ?? -1;
      visit(place < 0 ? null : (n * from + place) * channels, (n * to + j) * channels);
    }
}
