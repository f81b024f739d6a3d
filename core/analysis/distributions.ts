/**
 * Tail probabilities of the distributions that the tests need, to about 12 digits.
 *
 * Source: series and continued fractions of DLMF 8.7, 8.9 and 8.17 (https://dlmf.nist.gov);
 * log gamma by Lanczos 1964, doi:10.1137/0701008.
 */

const TINY = 1e-300;
const PRECISION = 1e-15;
const MAX_TERMS = 10_000;

/** P(Z <= z) of the standard normal. */
export function normalCdf(z: number): number {
  const tail = 0.5 * upperGamma(0.5, (z * z) / 2);
  return z > 0 ? 1 - tail : tail;
}

/** P(X > x) of chi-square with `degrees` of freedom. */
export function chiSquareTail(x: number, degrees: number): number {
  return x <= 0 ? 1 : upperGamma(degrees / 2, x / 2);
}

/** P(T <= t) of Student's t with `degrees` of freedom. */
export function studentCdf(t: number, degrees: number): number {
  // Each form keeps its digits on one side: near 0, and in the tails.
  if (t * t < degrees) {
    const central = 0.5 * incompleteBeta(0.5, degrees / 2, (t * t) / (degrees + t * t));
    return t > 0 ? 0.5 + central : 0.5 - central;
  }
  const tail = 0.5 * incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t));
  return t > 0 ? 1 - tail : tail;
}

/** Value t with P(T <= t) = `probability`, by bisection. */
export function studentQuantile(probability: number, degrees: number): number {
  let low = -1e6;
  let high = 1e6;
  for (let step = 0; step < 200 && high - low > 1e-12 * Math.max(1, Math.abs(low)); step++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
] as const;

/** Natural logarithm of the gamma function for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x - 1 + 7.5;
  const sum = lanczos.reduce((total, c, k) => total + c / (x + k), 0.9999999999998099);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Regularised upper incomplete gamma function Q(a, x). */
function upperGamma(a: number, x: number): number {
  if (x === 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; k < MAX_TERMS && Math.abs(term) > PRECISION * sum; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return 1 - scale * sum;
  }
  return (
    scale *
    continuedFraction(
      (k) => (k === 0 ? 1 : k * (a - k)),
      (k) => x + 2 * k + 1 - a,
    )
  );
}

/** Regularised incomplete beta function I_x(a, b). */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast only below the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const scale =
    Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) /
    a;
  return (
    scale *
    continuedFraction(
      (k) => {
        if (k === 0) return 1;
        const m = Math.floor(k / 2);
        return k % 2 === 0
          ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
          : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
      },
      () => 1,
    )
  );
}

/** n0 / (d0 + n1 / (d1 + n2 / (d2 + ..))) by Lentz's method, doi:10.1364/AO.15.000668. */
function continuedFraction(
  numerator: (k: number) => number,
  denominator: (k: number) => number,
): number {
  let c = denominator(0) || TINY;
  let d = 0;
  let value = c;
  for (let k = 1; k < MAX_TERMS; k++) {
    d = 1 / (denominator(k) + numerator(k) * d || TINY);
    c = denominator(k) + numerator(k) / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  // Lentz started from d0 and multiplied its way to d0 + n1 / (..).
  return numerator(0) / value;
}
