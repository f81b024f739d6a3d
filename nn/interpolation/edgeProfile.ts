/** Pixels around a pixel that its edge profile compares it with, along each axis. */
export const PROFILE_RADIUS = 3;

/** Channels of an edge profile: a 7 x 7 neighbourhood without its centre. */
export const PROFILE_CHANNELS = (2 * PROFILE_RADIUS + 1) ** 2 - 1;

/**
 * How much brighter each pixel is than its neighbours, as shares.
 *
 *     e_o(p) = (I(p) - I(p + o)) / temperature,  E_o(p) = softmax over the 48 offsets o
 *
 * Edges are repeated beyond the image. A flat image gives 1/48 everywhere.
 *
 * @param slice - [height, width], intensities on a scale of 0 to 255
 * @param temperature - larger is smoother; 1 as in the authors' code
 * @returns [height, width, 48]; the column offset is the outer loop of the channels
 *
 * Source: Yeung et al. 2021 (Sli2Vol), doi:10.1007/978-3-030-87196-3_7, and its code.
 */
export function edgeProfile(
  slice: Float32Array,
  [height, width]: readonly [height: number, width: number],
  temperature = 1,
): Float32Array {
  const profile = new Float32Array(height * width * PROFILE_CHANNELS);
  const within = (value: number, end: number) => Math.min(end - 1, Math.max(0, value));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const own = slice[y * width + x] as number;
      const start = (y * width + x) * PROFILE_CHANNELS;
      for (const [channel, [dy, dx]] of offsets.entries()) {
        const other = slice[within(y + dy, height) * width + within(x + dx, width)] as number;
        profile[start + channel] = (own - other) / temperature;
      }
      softmax(profile.subarray(start, start + PROFILE_CHANNELS));
    }
  return profile;
}

const around = Array.from({ length: 2 * PROFILE_RADIUS + 1 }, (_, i) => i - PROFILE_RADIUS);

const offsets = around
  .flatMap((dx) => around.map((dy) => [dy, dx] as const))
  .filter(([dy, dx]) => dy !== 0 || dx !== 0);

function softmax(values: Float32Array): void {
  let top = -Infinity;
  for (const value of values) top = Math.max(top, value);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const share = Math.exp((values[i] as number) - top);
    values[i] = share;
    sum += share;
  }
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) / sum;
}
