/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Sample standard deviation, n - 1 in the denominator.
 *
 * @returns null for fewer than two values: one value says nothing of its spread
 */
export function standardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Quantile of ascending values, linear between ranks (NumPy's default). */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const rank = share * (ascending.length - 1);
  const below = ascending[Math.floor(rank)] as number;
  const above = ascending[Math.ceil(rank)] as number;
  return below + (rank - Math.floor(rank)) * (above - below);
}
