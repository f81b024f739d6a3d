/** Distribution function of the standard normal, to float64 accuracy. */
export function normalDistribution(x: number): number {
  return 0.5 * complementOfErf(-x / Math.SQRT2);
}

/** Density of the standard normal. */
export const normalDensity = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/**
 * 1 - erf(x): the series around 0, the continued fraction further out.
 *
 * Source: Abramowitz and Stegun 1964, 7.1.5 and 7.1.14.
 */
function complementOfErf(x: number): number {
  if (x < 0) return 2 - complementOfErf(-x);
  if (x > 27) return 0;
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** y = x P(z <= x), z standard normal (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
export const geluReference = (x: Float64Array): Float64Array =>
  x.map((value) => value * normalDistribution(value));

/** dL/dx of `geluReference`, given dL/dy. */
export const geluGradientReference = (x: Float64Array, dy: Float64Array): Float64Array =>
  x.map((value, i) => (dy[i] ?? 0) * (normalDistribution(value) + value * normalDensity(value)));
