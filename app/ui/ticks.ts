/**
 * About `count` round numbers from `low` to `high`, both ends enclosed.
 *
 * Steps are 1, 2 or 5 times a power of ten.
 */
export function linearTicks(low: number, high: number, count: number): number[] {
  const span = Math.max(high - low, 1e-9);
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Ends of a logarithmic axis and the labelled values between them. */
export interface LogAxis {
  readonly domain: readonly [low: number, high: number];
  readonly ticks: readonly number[];
}

/**
 * A logarithmic axis with room around the values: 1, 2, 5 of each decade, over three
 * decades only 1; where that gives fewer than three ticks, finer steps.
 *
 * @param values - positive numbers; others are left out
 */
export function logAxis(values: readonly number[]): LogAxis {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return { domain: [1, 100], ticks: [1, 10, 100] };
  const low = Math.min(...positive) / 1.25;
  const high = Math.max(...positive) * 1.25;
  const decades = Math.log10(high / low);
  const choices =
    decades > 3
      ? [[1], [1, 3]]
      : [
          [1, 2, 5],
          [1, 1.5, 2, 3, 4, 5, 6, 8],
        ];
  const between = choices.map((factors) => ticksBetween(low, high, factors));
  const ticks = between.find((some) => some.length >= 3) ?? linearTicks(low, high, 4);
  return {
    domain: [low, high],
    ticks: ticks.filter((tick) => tick >= low && tick <= high && tick > 0),
  };
}

function ticksBetween(low: number, high: number, factors: readonly number[]): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
    .flatMap((power) => factors.map((factor) => Number((factor * power).toPrecision(12))))
    .filter((tick) => tick >= low && tick <= high);
}

/** Pixels of a digit at the charts' size, and between two labels. */
const DIGIT_PIXELS = 7.5;
const GAP_PIXELS = 10;

/** Ticks whose labels do not touch, in their order: one that would is left out. */
export function roomyTicks<T extends { readonly at: number }>(
  ticks: readonly T[],
  label: (tick: T) => string,
): T[] {
  const kept: T[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const tick of ticks) {
    const half = (DIGIT_PIXELS * label(tick).length) / 2;
    if (tick.at - half < end + GAP_PIXELS) continue;
    kept.push(tick);
    end = tick.at + half;
  }
  return kept;
}
