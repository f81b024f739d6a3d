import { eachPlace, layoutOf } from "../places.ts";

/**
 * The two places a resized place is mixed from and the share of the second: source
 * coordinate max(0, (i + 0.5) * from / to - 0.5), clamped at the last place.
 */
export function linearTaps(
  i: number,
  from: number,
  to: number,
): readonly (readonly [place: number, share: number])[] {
  const source = Math.max(0, ((i + 0.5) * from) / to - 0.5);
  const low = Math.min(Math.floor(source), from - 1);
  const high = Math.min(low + 1, from - 1);
  const share = source - low;
  return [
    [low, 1 - share],
    [high, share],
  ];
}

function eachTap(
  shape: readonly number[],
  yShape: readonly number[],
  visit: (xAt: number, yAt: number, share: number) => void,
): void {
  const x = layoutOf(shape);
  const y = layoutOf(yShape);
  for (let n = 0; n < y.batch; n++)
    eachPlace(y.size, (d, h, w) => {
      for (const [sd, pd] of linearTaps(d, x.size[0], y.size[0]))
        for (const [sh, ph] of linearTaps(h, x.size[1], y.size[1]))
          for (const [sw, pw] of linearTaps(w, x.size[2], y.size[2]))
            visit(x.at(n, sd, sh, sw), y.at(n, d, h, w), pd * ph * pw);
    });
}

/** Linear interpolation to the places of `yShape`, half-pixel centres, clamped edges. */
export function upsampleReference(
  shape: readonly number[],
  yShape: readonly number[],
  x: Float64Array,
): Float64Array {
  const channels = shape.at(-1) ?? 1;
  const y = new Float64Array(yShape.reduce((a, b) => a * b, 1));
  eachTap(shape, yShape, (xAt, yAt, share) => {
    for (let c = 0; c < channels; c++) y[yAt + c] = (y[yAt + c] ?? 0) + share * (x[xAt + c] ?? 0);
  });
  return y;
}

/** dL/dx of `upsampleReference`, given dL/dy. */
export function upsampleGradientReference(
  shape: readonly number[],
  yShape: readonly number[],
  dy: Float64Array,
): Float64Array {
  const channels = shape.at(-1) ?? 1;
  const dx = new Float64Array(shape.reduce((a, b) => a * b, 1));
  eachTap(shape, yShape, (xAt, yAt, share) => {
    for (let c = 0; c < channels; c++)
      dx[xAt + c] = (dx[xAt + c] ?? 0) + share * (dy[yAt + c] ?? 0);
  });
  return dx;
}
