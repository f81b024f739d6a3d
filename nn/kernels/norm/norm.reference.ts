import { layoutOf } from "../places.ts";

/** Added to the variance before its root. */
export const normEpsilon = 1e-5;

/**
 * Instance normalisation: y = (x - mean) / sqrt(variance + 1e-5) * scale + shift, mean and
 * biased variance over the places of each sample and channel
 * (Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022).
 *
 * @returns y, and statistics [batch, 2, channels]: mean, 1 / sqrt(variance + 1e-5)
 */
export function normReference(
  shape: readonly number[],
  x: Float64Array,
  scale: Float64Array,
  shift: Float64Array,
): { y: Float64Array; statistics: Float64Array } {
  const { batch, channels } = layoutOf(shape);
  const perSample = x.length / batch;
  const y = new Float64Array(x.length);
  const statistics = new Float64Array(batch * 2 * channels);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++) {
      const places = channel(x, n * perSample + c, perSample, channels);
      const mean = places.reduce((a, b) => a + b, 0) / places.length;
      const variance = places.reduce((a, b) => a + (b - mean) ** 2, 0) / places.length;
      const inverse = 1 / Math.sqrt(variance + normEpsilon);
      statistics[n * 2 * channels + c] = mean;
      statistics[(n * 2 + 1) * channels + c] = inverse;
      places.forEach((value, place) => {
        y[n * perSample + place * channels + c] =
          (value - mean) * inverse * (scale[c] ?? 0) + (shift[c] ?? 0);
      });
    }
  return { y, statistics };
}

/** dL/dx, dL/dscale and dL/dshift of `normReference`, given dL/dy. */
export function normGradientReference(
  shape: readonly number[],
  x: Float64Array,
  statistics: Float64Array,
  scale: Float64Array,
  dy: Float64Array,
): { dx: Float64Array; scale: Float64Array; shift: Float64Array } {
  const { batch, channels } = layoutOf(shape);
  const perSample = x.length / batch;
  const dx = new Float64Array(x.length);
  const dScale = new Float64Array(channels);
  const dShift = new Float64Array(channels);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++) {
      const start = n * perSample + c;
      const mean = statistics[n * 2 * channels + c] ?? 0;
      const inverse = statistics[(n * 2 + 1) * channels + c] ?? 0;
      const gradients = channel(dy, start, perSample, channels);
      const normal = channel(x, start, perSample, channels).map((v) => (v - mean) * inverse);
      const sum = gradients.reduce((a, b) => a + b, 0);
      const product = gradients.reduce((a, b, i) => a + b * (normal[i] ?? 0), 0);
      dShift[c] = (dShift[c] ?? 0) + sum;
      dScale[c] = (dScale[c] ?? 0) + product;
      gradients.forEach((gradient, place) => {
        dx[start + place * channels] =
          (scale[c] ?? 0) *
          inverse *
          (gradient - (sum + (normal[place] ?? 0) * product) / gradients.length);
      });
    }
  return { dx, scale: dScale, shift: dShift };
}

const channel = (x: Float64Array, start: number, perSample: number, channels: number) =>
  Float64Array.from({ length: perSample / channels }, (_, i) => x[start + i * channels] ?? 0);
