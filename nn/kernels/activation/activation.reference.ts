/** x where x > 0, slope * x elsewhere (slope 0: ReLU). */
export const activationReference = (x: Float64Array, slope: number): Float64Array =>
  x.map((value) => (value > 0 ? value : slope * value));

/** Gradient by the activation's input: `d` where the result `y` is > 0, slope * d elsewhere. */
export const maskReference = (d: Float64Array, y: Float64Array, slope: number): Float64Array =>
  d.map((value, i) => ((y[i] ?? 0) > 0 ? value : slope * value));
