import { activate, madd, storeLanes } from "./lanes";

// Sums run in float32 over short chunks around a pivot and in float64 over the chunks, so that
// neither a large offset nor many places cost digits. The mean is kept as two float32 numbers.

const CHUNK: i32 = 64;

// @ts-ignore: decorator
@inline
export function low(value: v128): v128 {
  return f64x2.promote_low_f32x4(value);
}

// @ts-ignore: decorator
@inline
export function high(value: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(value, value, 2, 3, 2, 3));
}

/** Two pairs of float64 as four float32. */
// @ts-ignore: decorator
@inline
export function narrow(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5);
}

/**
 * Instance norm of one sample, then activation. statistics [3, channels], `line` bytes from
 * row to row: mean, 1 / sqrt(variance + epsilon), and what the mean lost when it was rounded.
 */
export function normForward(
  x: usize, xStep: i32, y: usize, yStep: i32, statistics: usize, scale: usize, shift: usize,
  places: i32, channels: i32, line: i32, epsilonValue: f64, slope: f32,
): void {
  const count = f64x2.splat(<f64>places);
  for (let c = 0; c < channels; c += 4) {
    const lanes = min(4, channels - c);
    const at = c << 2;
    const source = x + at;
    const pivot = v128.load(source);
    let sumLow = f64x2.splat(0), sumHigh = f64x2.splat(0);
    let p = source;
    for (let place = 0; place < places; ) {
      let sum = f32x4.splat(0);
      for (const end = min(place + CHUNK, places); place < end; place++, p += xStep) {
        sum = f32x4.add(sum, f32x4.sub(v128.load(p), pivot));
      }
      sumLow = f64x2.add(sumLow, low(sum));
      sumHigh = f64x2.add(sumHigh, high(sum));
    }
    const meanLow = f64x2.add(low(pivot), f64x2.div(sumLow, count));
    const meanHigh = f64x2.add(high(pivot), f64x2.div(sumHigh, count));
    const mean = narrow(meanLow, meanHigh);
    const lost = narrow(f64x2.sub(meanLow, low(mean)), f64x2.sub(meanHigh, high(mean)));

    sumLow = f64x2.splat(0);
    sumHigh = f64x2.splat(0);
    p = source;
    for (let place = 0; place < places; ) {
      let sum = f32x4.splat(0);
      for (const end = min(place + CHUNK, places); place < end; place++, p += xStep) {
        const d = f32x4.sub(f32x4.sub(v128.load(p), mean), lost);
        sum = madd(sum, d, d);
      }
      sumLow = f64x2.add(sumLow, low(sum));
      sumHigh = f64x2.add(sumHigh, high(sum));
    }
    const one = f64x2.splat(1);
    const epsilon = f64x2.splat(epsilonValue);
    const inverse = narrow(
      f64x2.div(one, f64x2.sqrt(f64x2.add(f64x2.div(sumLow, count), epsilon))),
      f64x2.div(one, f64x2.sqrt(f64x2.add(f64x2.div(sumHigh, count), epsilon))),
    );
    storeLanes(statistics + at, mean, lanes);
    storeLanes(statistics + line + at, inverse, lanes);
    storeLanes(statistics + 2 * line + at, lost, lanes);

    const factor = f32x4.mul(inverse, v128.load(scale + at));
    const offset = v128.load(shift + at);
    const k = f32x4.splat(slope);
    p = source;
    let q = y + at;
    for (let place = 0; place < places; place++, p += xStep, q += yStep) {
      const d = f32x4.sub(f32x4.sub(v128.load(p), mean), lost);
      storeLanes(q, activate(madd(offset, d, factor), k), lanes);
    }
  }
}

/** Of one sample: dx written or added to, gradients of scale and shift added to. */
export function normBackward(
  x: usize, xStep: i32, dy: usize, dyStep: i32, dx: usize, dxStep: i32, statistics: usize, scale: usize,
  dScale: usize, dShift: usize, places: i32, channels: i32, line: i32, accumulate: i32,
): void {
  const count = f64x2.splat(<f64>places);
  for (let c = 0; c < channels; c += 4) {
    const lanes = min(4, channels - c);
    const at = c << 2;
    const mean = v128.load(statistics + at);
    const inverse = v128.load(statistics + line + at);
    const lost = v128.load(statistics + 2 * line + at);
    const zero = f64x2.splat(0);
    let sumLow = zero, sumHigh = zero, productLow = zero, productHigh = zero;
    let p = x + at;
    let g = dy + at;
    for (let place = 0; place < places; ) {
      let sum = f32x4.splat(0), product = f32x4.splat(0);
      for (const end = min(place + CHUNK, places); place < end; place++, p += xStep, g += dyStep) {
        const gradient = v128.load(g);
        const d = f32x4.sub(f32x4.sub(v128.load(p), mean), lost);
        sum = f32x4.add(sum, gradient);
        product = madd(product, gradient, d);
      }
      sumLow = f64x2.add(sumLow, low(sum));
      sumHigh = f64x2.add(sumHigh, high(sum));
      productLow = f64x2.add(productLow, low(product));
      productHigh = f64x2.add(productHigh, high(product));
    }
    const sum = narrow(sumLow, sumHigh);
    const product = f32x4.mul(narrow(productLow, productHigh), inverse);
    storeLanes(dShift + at, f32x4.add(v128.load(dShift + at), sum), lanes);
    storeLanes(dScale + at, f32x4.add(v128.load(dScale + at), product), lanes);

    // dx = factor * (dy - mean(dy) - normal * mean(dy * normal)), normal = d * inverse
    const factor = f32x4.mul(inverse, v128.load(scale + at));
    const meanSum = narrow(f64x2.div(sumLow, count), f64x2.div(sumHigh, count));
    const meanProduct = f32x4.mul(
      f32x4.mul(narrow(f64x2.div(productLow, count), f64x2.div(productHigh, count)), inverse),
      inverse,
    );
    p = x + at;
    g = dy + at;
    let q = dx + at;
    for (let place = 0; place < places; place++, p += xStep, g += dyStep, q += dxStep) {
      const d = f32x4.sub(f32x4.sub(v128.load(p), mean), lost);
      let value = f32x4.sub(f32x4.sub(v128.load(g), meanSum), f32x4.mul(d, meanProduct));
      value = f32x4.mul(value, factor);
      if (accumulate) value = f32x4.add(value, v128.load(q));
      storeLanes(q, value, lanes);
    }
  }
}
