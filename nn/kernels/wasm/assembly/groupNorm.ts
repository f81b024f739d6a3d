import { activate, madd, storeLanes } from "./lanes";
import { high, low, narrow } from "./norm";

// A norm whose sets span channels: each channel is measured alone, four at a time, then the
// channels of a group are joined.

const CHUNK: i32 = 64;

// @ts-ignore: decorator
@inline
function storeFour(to: usize, a: v128, b: v128, lanes: i32): void {
  store<f64>(to, f64x2.extract_lane(a, 0));
  if (lanes > 1) store<f64>(to + 8, f64x2.extract_lane(a, 1));
  if (lanes > 2) store<f64>(to + 16, f64x2.extract_lane(b, 0));
  if (lanes > 3) store<f64>(to + 24, f64x2.extract_lane(b, 1));
}

/** moments [2, line] (float64): mean and summed squared deviation of each channel of a sample. */
export function groupMoments(x: usize, xStep: i32, moments: usize, places: i32, channels: i32, line: i32): void {
  const count = f64x2.splat(<f64>places);
  for (let c = 0; c < channels; c += 4) {
    const lanes = channels - c;
    const source = x + (c << 2);
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
    storeFour(moments + (c << 3), meanLow, meanHigh, lanes);
    storeFour(moments + (line + c << 3), sumLow, sumHigh, lanes);
  }
}

/** statistics [3, channels] of a sample, `line` floats from row to row, from its moments. */
export function groupJoin(
  moments: usize, statistics: usize, places: i32, channels: i32, inGroup: i32, line: i32, statisticsLine: i32,
  epsilon: f64,
): void {
  const row = statisticsLine << 2;
  for (let first = 0; first < channels; first += inGroup) {
    let mean: f64 = 0;
    for (let c = first; c < first + inGroup; c++) mean += load<f64>(moments + (c << 3));
    mean /= <f64>inGroup;
    let squares: f64 = 0;
    for (let c = first; c < first + inGroup; c++) {
      const d = load<f64>(moments + (c << 3)) - mean;
      squares += load<f64>(moments + (line + c << 3)) + d * d * <f64>places;
    }
    const inverse = 1 / Math.sqrt(squares / (<f64>places * <f64>inGroup) + epsilon);
    for (let c = first; c < first + inGroup; c++) {
      const at = statistics + (c << 2);
      store<f32>(at, <f32>mean);
      store<f32>(at + row, <f32>inverse);
      store<f32>(at + 2 * row, <f32>(mean - <f64><f32>mean));
    }
  }
}

/** y = activation((x - mean) * inverse * scale + shift) */
export function groupApply(
  x: usize, xStep: i32, y: usize, yStep: i32, statistics: usize, scale: usize, shift: usize,
  places: i32, channels: i32, line: i32, slope: f32,
): void {
  const row = line << 2;
  const k = f32x4.splat(slope);
  for (let place = 0; place < places; place++, x += xStep, y += yStep) {
    for (let c = 0; c < channels << 2; c += 16) {
      const at = statistics + c;
      const d = f32x4.sub(f32x4.sub(v128.load(x + c), v128.load(at)), v128.load(at + 2 * row));
      const factor = f32x4.mul(v128.load(at + row), v128.load(scale + c));
      storeLanes(y + c, activate(madd(v128.load(shift + c), d, factor), k), channels - (c >> 2));
    }
  }
}

/** sums [2, line] (float64) of a sample: of dy, and of dy * normalised x, of each channel. */
export function groupGradientSums(
  x: usize, xStep: i32, dy: usize, dyStep: i32, statistics: usize, sums: usize,
  places: i32, channels: i32, line: i32, statisticsLine: i32,
): void {
  const row = statisticsLine << 2;
  for (let c = 0; c < channels; c += 4) {
    const lanes = channels - c;
    const at = statistics + (c << 2);
    const mean = v128.load(at), inverse = v128.load(at + row), lost = v128.load(at + 2 * row);
    let sumLow = f64x2.splat(0), sumHigh = f64x2.splat(0), productLow = f64x2.splat(0), productHigh = f64x2.splat(0);
    let p = x + (c << 2), g = dy + (c << 2);
    for (let place = 0; place < places; ) {
      let sum = f32x4.splat(0), product = f32x4.splat(0);
      for (const end = min(place + CHUNK, places); place < end; place++, p += xStep, g += dyStep) {
        const gradient = v128.load(g);
        sum = f32x4.add(sum, gradient);
        product = madd(product, gradient, f32x4.sub(f32x4.sub(v128.load(p), mean), lost));
      }
      sumLow = f64x2.add(sumLow, low(sum));
      sumHigh = f64x2.add(sumHigh, high(sum));
      productLow = f64x2.add(productLow, low(product));
      productHigh = f64x2.add(productHigh, high(product));
    }
    storeFour(sums + (c << 3), sumLow, sumHigh, lanes);
    storeFour(
      sums + (line + c << 3),
      f64x2.mul(productLow, low(inverse)), f64x2.mul(productHigh, high(inverse)), lanes,
    );
  }
}

/**
 * From the sums of a sample: gradients of scale and shift added to; means [2, channels], `line`
 * floats from row to row, of scale * dy and scale * dy * normalised x over each group.
 */
export function groupGradientJoin(
  sums: usize, scale: usize, dScale: usize, dShift: usize, means: usize,
  places: i32, channels: i32, inGroup: i32, line: i32,
): void {
  for (let first = 0; first < channels; first += inGroup) {
    let sum: f64 = 0, product: f64 = 0;
    for (let c = first; c < first + inGroup; c++) {
      const own = load<f64>(sums + (c << 3)), ownProduct = load<f64>(sums + (line + c << 3));
      const at = c << 2;
      store<f32>(dShift + at, load<f32>(dShift + at) + <f32>own);
      store<f32>(dScale + at, load<f32>(dScale + at) + <f32>ownProduct);
      sum += own * <f64>load<f32>(scale + at);
      product += ownProduct * <f64>load<f32>(scale + at);
    }
    const count = <f64>places * <f64>inGroup;
    for (let c = first; c < first + inGroup; c++) {
      store<f32>(means + (c << 2), <f32>(sum / count));
      store<f32>(means + (line + c << 2), <f32>(product / count));
    }
  }
}

/** dx = inverse * (scale * dy - mean - normalised x * mean product), or that added to dx. */
export function groupGradient(
  x: usize, xStep: i32, dy: usize, dyStep: i32, dx: usize, dxStep: i32, statistics: usize, scale: usize,
  means: usize, places: i32, channels: i32, statisticsLine: i32, line: i32, accumulate: i32,
): void {
  const row = statisticsLine << 2;
  for (let place = 0; place < places; place++, x += xStep, dy += dyStep, dx += dxStep) {
    for (let c = 0; c < channels << 2; c += 16) {
      const at = statistics + c;
      const inverse = v128.load(at + row);
      const d = f32x4.sub(f32x4.sub(v128.load(x + c), v128.load(at)), v128.load(at + 2 * row));
      const away = madd(v128.load(means + c), f32x4.mul(d, inverse), v128.load(means + (line << 2) + c));
      const scaled = f32x4.mul(v128.load(dy + c), v128.load(scale + c));
      let value = f32x4.mul(inverse, f32x4.sub(scaled, away));
      if (accumulate) value = f32x4.add(value, v128.load(dx + c));
      storeLanes(dx + c, value, channels - (c >> 2));
    }
  }
}

/** y = activation((x - mean) / sqrt(variance + epsilon) * scale + shift) by stored numbers. */
export function normStored(
  x: usize, xStep: i32, y: usize, yStep: i32, mean: usize, variance: usize, scale: usize, shift: usize,
  places: i32, channels: i32, epsilon: f32, slope: f32,
): void {
  const k = f32x4.splat(slope), e = f32x4.splat(epsilon), one = f32x4.splat(1);
  for (let c = 0; c < channels; c += 4) {
    const at = c << 2;
    const inverse = f32x4.div(one, f32x4.sqrt(f32x4.add(v128.load(variance + at), e)));
    const factor = f32x4.mul(inverse, v128.load(scale + at));
    const middle = v128.load(mean + at), offset = v128.load(shift + at);
    let p = x + at, q = y + at;
    for (let place = 0; place < places; place++, p += xStep, q += yStep) {
      const value = madd(offset, f32x4.sub(v128.load(p), middle), factor);
      storeLanes(q, activate(value, k), channels - c);
    }
  }
}
