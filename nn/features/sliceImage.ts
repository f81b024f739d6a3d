/** A slice as the autoencoder is given it, of any size. */
export interface SliceImage {
  readonly height: number;
  readonly width: number;
  /** [height, width], row-major; mean 0 and variance 1 over its volume. */
  readonly values: Float32Array;
}

/** A part of a slice, in pixels; its ends may lie inside a pixel. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The whole slice. */
export const wholeOf = ({ height, width }: SliceImage): Window => ({
  ...{ top: 0, left: 0, height, width },
});

/**
 * A part of a slice at another size: pixels larger than the source's are averages over what
 * they cover, smaller ones are interpolated linearly. The edges are clamped.
 *
 * @param size - side of the result, pixels
 * @returns [size, size], row-major
 */
export function resized(slice: SliceImage, window: Window, size: number): Float32Array {
  const columns = sharesAlong(window.left, window.width, slice.width, size);
  const rows = sharesAlong(window.top, window.height, slice.height, size);
  const narrow = new Float64Array(slice.height * size);
  for (let y = 0; y < slice.height; y++)
    for (const [at, from, share] of columns)
      narrow[y * size + at] =
        (narrow[y * size + at] ?? 0) + share * (slice.values[y * slice.width + from] ?? 0);
  const result = new Float64Array(size * size);
  for (const [at, from, share] of rows)
    for (let x = 0; x < size; x++)
      result[at * size + x] = (result[at * size + x] ?? 0) + share * (narrow[from * size + x] ?? 0);
  return Float32Array.from(result);
}

type Share = readonly [at: number, from: number, share: number];

/** What each new pixel along an axis takes of each old one; shares of a pixel sum to 1. */
function sharesAlong(start: number, length: number, count: number, size: number): Share[] {
  const shares: Share[] = [];
  const step = length / size;
  const clamped = (pixel: number) => Math.min(Math.max(pixel, 0), count - 1);
  for (let at = 0; at < size; at++) {
    const from = start + at * step;
    if (step < 1) {
      const centre = from + step / 2 - 0.5;
      const low = Math.floor(centre);
      shares.push([at, clamped(low), 1 - (centre - low)], [at, clamped(low + 1), centre - low]);
      continue;
    }
    const to = from + step;
    for (let pixel = Math.floor(from); pixel < to - 1e-9; pixel++) {
      const covered = Math.min(to, pixel + 1) - Math.max(from, pixel);
      shares.push([at, clamped(pixel), covered / step]);
    }
  }
  return shares;
}

/** [size, size] to [size / patch, size / patch, patch * patch], row-major within a patch. */
export function patchesOf(image: Float32Array, size: number, patch: number): Float32Array {
  return permuted(image, size, patch, (pixel, value) => [value, pixel]);
}

/** The image that has these patches. */
export function imageOf(patches: Float32Array, size: number, patch: number): Float32Array {
  return permuted(patches, size, patch, (pixel, value) => [pixel, value]);
}

function permuted(
  values: Float32Array,
  size: number,
  patch: number,
  places: (pixel: number, value: number) => readonly [to: number, from: number],
): Float32Array {
  const result = new Float32Array(values.length);
  const grid = size / patch;
  for (let pixel = 0; pixel < values.length; pixel++) {
    const [y, x] = [Math.floor(pixel / size), pixel % size];
    const place = Math.floor(y / patch) * grid + Math.floor(x / patch);
    const [to, from] = places(pixel, (place * patch + (y % patch)) * patch + (x % patch));
    result[to] = values[from] ?? 0;
  }
  return result;
}
