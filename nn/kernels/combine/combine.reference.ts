/** Element by element; a gate may have one channel for all `channels` of x. */

export const sigmoidReference = (x: Float64Array): Float64Array =>
  x.map((value) => 1 / (1 + Math.exp(-value)));

/** dL/dx of `sigmoidReference`, given its result and dL/dy. */
export const sigmoidGradientReference = (y: Float64Array, dy: Float64Array): Float64Array =>
  dy.map((gradient, i) => gradient * (y[i] ?? 0) * (1 - (y[i] ?? 0)));

export const addReference = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((value, i) => value + (b[i] ?? 0));

/** x times the gate, also dL/dx given dL/dy for x. */
export const multiplyReference = (x: Float64Array, gate: Float64Array): Float64Array => {
  const shared = x.length / gate.length;
  return x.map((value, i) => value * (gate[Math.floor(i / shared)] ?? 0));
};

/** dL/dgate, given dL/dy. */
export function gateGradientReference(
  x: Float64Array,
  dy: Float64Array,
  gateLength: number,
): Float64Array {
  const gradient = new Float64Array(gateLength);
  const shared = x.length / gateLength;
  dy.forEach((value, i) => {
    const at = Math.floor(i / shared);
    gradient[at] = (gradient[at] ?? 0) + value * (x[i] ?? 0);
  });
  return gradient;
}

/** x where x > 0, slope * x elsewhere. */
export const preluReference = (x: Float64Array, slope: number): Float64Array =>
  x.map((value) => (value > 0 ? value : slope * value));

/** dL/dx and dL/dslope of `preluReference`, given dL/dy. */
export function preluGradientReference(
  x: Float64Array,
  slope: number,
  dy: Float64Array,
): { dx: Float64Array; slope: number } {
  let sum = 0;
  const dx = dy.map((gradient, i) => {
    const value = x[i] ?? 0;
    if (value > 0) return gradient;
    sum += gradient * value;
    return gradient * slope;
  });
  return { dx, slope: sum };
}
