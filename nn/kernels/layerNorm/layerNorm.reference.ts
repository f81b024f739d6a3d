/**
 * y = (x - mean) * inverse * scale + shift, mean and variance over the channels of each place.
 *
 * @param x - [..places, channels]
 * @returns y, and per place its mean and 1 / sqrt(variance + epsilon)
 *
 * Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
 */
export function layerNormReference(
  x: Float64Array,
  scale: Float64Array,
  shift: Float64Array,
  epsilon: number,
): { y: Float64Array; statistics: Float64Array } {
  const channels = scale.length;
  const places = x.length / channels;
  const y = new Float64Array(x.length);
  const statistics = new Float64Array(2 * places);
  for (let place = 0; place < places; place++) {
    const row = x.subarray(place * channels, (place + 1) * channels);
    const mean = row.reduce((sum, value) => sum + value, 0) / channels;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / channels;
    const inverse = 1 / Math.sqrt(variance + epsilon);
    row.forEach((value, c) => {
      y[place * channels + c] = (value - mean) * inverse * (scale[c] ?? 0) + (shift[c] ?? 0);
    });
    statistics.set([mean, inverse], 2 * place);
  }
  return { y, statistics };
}

/** Gradients of `layerNormReference`, given dL/dy. */
export function layerNormGradientReference(
  x: Float64Array,
  statistics: Float64Array,
  weight: Float64Array,
  dy: Float64Array,
): { dx: Float64Array; scale: Float64Array; shift: Float64Array } {
  const channels = weight.length;
  const dx = new Float64Array(x.length);
  const scale = new Float64Array(channels);
  const shift = new Float64Array(channels);
  for (let place = 0; place < x.length / channels; place++) {
    const [mean = 0, inverse = 0] = statistics.subarray(2 * place);
    let sum = 0;
    let product = 0;
    for (let c = 0; c < channels; c++) {
      const at = place * channels + c;
      const normal = ((x[at] ?? 0) - mean) * inverse;
      const g = dy[at] ?? 0;
      scale[c] = (scale[c] ?? 0) + g * normal;
      shift[c] = (shift[c] ?? 0) + g;
      sum += g * (weight[c] ?? 0);
      product += g * (weight[c] ?? 0) * normal;
    }
    for (let c = 0; c < channels; c++) {
      const at = place * channels + c;
      const normal = ((x[at] ?? 0) - mean) * inverse;
      const g = (dy[at] ?? 0) * (weight[c] ?? 0);
      dx[at] = inverse * (g - sum / channels - (normal * product) / channels);
    }
  }
  return { dx, scale, shift };
}
