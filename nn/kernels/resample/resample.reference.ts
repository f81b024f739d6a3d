/**
 * How one axis is brought to another length, each result a mix of source places.
 * "nearest": place floor(i * from / to). "corners": linear, first and last places meet
 * (PyTorch `align_corners=True`). "average": windows of floor(from / to) side by side.
 * "spectral": the low frequencies of the discrete Fourier transform, of the mean kept;
 * "spectralSum": the same times from / to, as the transforms leave it.
 */
export type Resampling = "nearest" | "corners" | "average" | "spectral" | "spectralSum";

/** Source places of one result and their shares. */
export type Taps = readonly (readonly [place: number, share: number])[];

/** Taps of each result along an axis. */
export function tapsOf(how: Resampling, from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, i) => {
    switch (how) {
      case "nearest":
        return [[Math.min(from - 1, Math.floor((i * from) / to)), 1]];
      case "corners":
        return cornerTaps(i, from, to);
      case "average": {
        const size = Math.floor(from / to);
        return Array.from({ length: size }, (_, k) => [i * size + k, 1 / size] as const);
      }
      default:
        return Array.from(
          { length: from },
          (_, j) =>
            [j, spectralShare(i, j, { from, to }) * (how === "spectral" ? to / from : 1)] as const,
        );
    }
  });
}

function cornerTaps(i: number, from: number, to: number): Taps {
  const source = to === 1 ? 0 : (i * (from - 1)) / (to - 1);
  const low = Math.min(Math.floor(source), from - 1);
  const share = source - low;
  return share === 0
    ? [[low, 1]]
    : [
        [low, 1 - share],
        [Math.min(low + 1, from - 1), share],
      ];
}

/**
 * Share of place j in result i of the transform back from the `to` lowest frequencies. Of an even
 * number the highest is sqrt(1/2) times the sum of the two that would fall on it.
 */
function spectralShare(i: number, j: number, { from, to }: { from: number; to: number }): number {
  const highest = Math.ceil(to / 2) - 1;
  let sum = 1;
  for (let k = 1; k <= highest; k++) sum += 2 * Math.cos(2 * Math.PI * k * (i / to - j / from));
  if (to % 2 === 0)
    sum += Math.SQRT2 * Math.cos((Math.PI * to * j) / from) * (i % 2 === 0 ? 1 : -1);
  return sum / to;
}

/** The same mix from results to sources: what the gradient needs. */
export function turned(taps: readonly Taps[], from: number): Taps[] {
  const back: [number, number][][] = Array.from({ length: from }, () => []);
  for (const [i, row] of taps.entries())
    for (const [place, share] of row) back[place]?.push([i, share]);
  return back;
}

/** Mixes along one axis of a shape; the others stay. */
export function resampleReference(
  shape: readonly number[],
  axis: number,
  taps: readonly Taps[],
  x: Float64Array,
): Float64Array {
  const count = shape[axis] ?? 1;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = x.length / count / inner;
  const y = new Float64Array(outer * taps.length * inner);
  for (let n = 0; n < outer; n++)
    for (const [i, row] of taps.entries())
      for (let k = 0; k < inner; k++) {
        let sum = 0;
        for (const [place, share] of row) sum += share * (x[(n * count + place) * inner + k] ?? 0);
        y[(n * taps.length + i) * inner + k] = sum;
      }
  return y;
}
