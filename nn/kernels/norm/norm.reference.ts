import type { NormKind } from "../../ops.ts";
import { layoutOf } from "../places.ts";

/** Added to the variance before its root, unless told otherwise. */
export const normEpsilon = 1e-5;

/** Share of a batch in the running statistics of a batch norm. */
export const runningShare = 0.1;

/** Samples of the statistics: one where all share theirs. */
export const statisticsSamples = (over: NormKind, batch: number): number =>
  over === "batch" ? 1 : batch;

/** Which of its sets each element belongs to, as its statistics' sample and channel. */
function setsOf(shape: readonly number[], over: NormKind) {
  const { batch, channels } = layoutOf(shape);
  const perSample = shape.reduce((a, b) => a * b, 1) / batch;
  const inGroup = typeof over === "object" ? channels / over.groups : 1;
  return {
    channels,
    samples: statisticsSamples(over, batch),
    sampleOf: (i: number) => (over === "batch" ? 0 : Math.floor(i / perSample)),
    /** The first channel of the set. */
    setOf: (channel: number) => Math.floor(channel / inGroup) * inGroup,
    count: ((over === "batch" ? batch : 1) * perSample * inGroup) / channels,
  };
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + shift, mean and biased variance over the
 * set that `over` names.
 *
 * Source: Ulyanov et al. 2016, arXiv:1607.08022; Ioffe and Szegedy 2015, arXiv:1502.03167;
 * Wu and He 2018, arXiv:1803.08494.
 *
 * @returns y, and statistics [samples, 2, channels]: mean, 1 / sqrt(variance + epsilon)
 */
export function normReference(
  shape: readonly number[],
  x: Float64Array,
  scale: Float64Array,
  shift: Float64Array,
  { over = "instance", epsilon = normEpsilon }: { over?: NormKind; epsilon?: number } = {},
): { y: Float64Array; statistics: Float64Array } {
  const { channels, samples, sampleOf, setOf, count } = setsOf(shape, over);
  const means = new Float64Array(samples * channels);
  const variances = new Float64Array(samples * channels);
  const at = (i: number) => sampleOf(i) * channels + setOf(i % channels);
  x.forEach((value, i) => {
    means[at(i)] = (means[at(i)] ?? 0) + value / count;
  });
  x.forEach((value, i) => {
    variances[at(i)] = (variances[at(i)] ?? 0) + (value - (means[at(i)] ?? 0)) ** 2 / count;
  });
  const statistics = new Float64Array(samples * 2 * channels);
  for (let n = 0; n < samples; n++)
    for (let c = 0; c < channels; c++) {
      const set = n * channels + setOf(c);
      statistics[n * 2 * channels + c] = means[set] ?? 0;
      statistics[(n * 2 + 1) * channels + c] = 1 / Math.sqrt((variances[set] ?? 0) + epsilon);
    }
  return { y: normApplyReference(shape, x, statistics, { scale, shift, over }), statistics };
}

/** y = (x - mean) * inverse * scale + shift by given statistics. */
export function normApplyReference(
  shape: readonly number[],
  x: Float64Array,
  statistics: Float64Array,
  { scale, shift, over }: { scale: Float64Array; shift: Float64Array; over: NormKind },
): Float64Array {
  const { channels, sampleOf } = setsOf(shape, over);
  return x.map((value, i) => {
    const c = i % channels;
    const row = sampleOf(i) * 2 * channels + c;
    const unit = (value - (statistics[row] ?? 0)) * (statistics[row + channels] ?? 0);
    return unit * (scale[c] ?? 0) + (shift[c] ?? 0);
  });
}

/** dL/dx, dL/dscale and dL/dshift of `normReference`, given dL/dy. */
export function normGradientReference(
  shape: readonly number[],
  x: Float64Array,
  statistics: Float64Array,
  scale: Float64Array,
  dy: Float64Array,
  over: NormKind = "instance",
): { dx: Float64Array; scale: Float64Array; shift: Float64Array } {
  const { channels, samples, sampleOf, setOf, count } = setsOf(shape, over);
  const dScale = new Float64Array(channels);
  const dShift = new Float64Array(channels);
  const sums = new Float64Array(samples * channels);
  const products = new Float64Array(samples * channels);
  const partsOf = (i: number) => {
    const c = i % channels;
    const row = sampleOf(i) * 2 * channels + c;
    const inverse = statistics[row + channels] ?? 0;
    const unit = ((x[i] ?? 0) - (statistics[row] ?? 0)) * inverse;
    const scaled = (scale[c] ?? 0) * (dy[i] ?? 0);
    return { c, set: sampleOf(i) * channels + setOf(c), unit, inverse, scaled };
  };
  dy.forEach((gradient, i) => {
    const { c, set, unit, scaled } = partsOf(i);
    dShift[c] = (dShift[c] ?? 0) + gradient;
    dScale[c] = (dScale[c] ?? 0) + gradient * unit;
    sums[set] = (sums[set] ?? 0) + scaled;
    products[set] = (products[set] ?? 0) + scaled * unit;
  });
  const dx = dy.map((_, i) => {
    const { set, unit, inverse, scaled } = partsOf(i);
    return inverse * (scaled - ((sums[set] ?? 0) + unit * (products[set] ?? 0)) / count);
  });
  return { dx, scale: dScale, shift: dShift };
}

/**
 * Running statistics after a batch: nine tenths of what they were and a tenth of the batch's
 * mean and unbiased variance.
 *
 * @param statistics - [1, 2, channels] of the batch
 * @param count - values that each mean was taken over
 */
export function runningReference(
  before: { readonly mean: Float64Array; readonly variance: Float64Array },
  statistics: Float64Array,
  { count, epsilon = normEpsilon }: { count: number; epsilon?: number },
): { mean: Float64Array; variance: Float64Array } {
  const channels = before.mean.length;
  const moved = (from: number, to: number) => from + runningShare * (to - from);
  return {
    mean: before.mean.map((mean, c) => moved(mean, statistics[c] ?? 0)),
    variance: before.variance.map((variance, c) => {
      const biased = 1 / (statistics[channels + c] ?? 1) ** 2 - epsilon;
      return moved(variance, (biased * count) / (count - 1));
    }),
  };
}
