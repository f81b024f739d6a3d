import { madd, storeLanes } from "./lanes";
import { firstLanes, sumLanes } from "./math";

/**
 * y = (x - mean) * inverse * scale + shift over the channels of each place. statistics
 * [places, 2]: mean, 1 / sqrt(variance + epsilon).
 */
export function layerNormForward(
  x: usize, xStep: i32, y: usize, yStep: i32, statistics: usize, scale: usize, shift: usize,
  places: i32, channels: i32, epsilon: f32,
): void {
  const count = <f32>channels;
  for (let place = 0; place < places; place++, x += xStep, y += yStep, statistics += 8) {
    let total = f32x4.splat(0);
    for (let c = 0; c < channels; c += 4) {
      total = f32x4.add(total, firstLanes(v128.load(x + (c << 2)), channels - c));
    }
    const mean = sumLanes(total) / count;
    const means = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    for (let c = 0; c < channels; c += 4) {
      const d = firstLanes(f32x4.sub(v128.load(x + (c << 2)), means), channels - c);
      squares = madd(squares, d, d);
    }
    const inverse = <f32>1 / Mathf.sqrt(sumLanes(squares) / count + epsilon);
    store<f32>(statistics, mean);
    store<f32>(statistics, inverse, 4);
    const inverses = f32x4.splat(inverse);
    for (let c = 0; c < channels; c += 4) {
      const at = c << 2;
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses);
      storeLanes(y + at, madd(v128.load(shift + at), normal, v128.load(scale + at)), channels - c);
    }
  }
}

/** dx written or added to. */
export function layerNormInput(
  x: usize, xStep: i32, dy: usize, dyStep: i32, dx: usize, dxStep: i32, statistics: usize, scale: usize,
  places: i32, channels: i32, accumulate: i32,
): void {
  const count = <f32>channels;
  for (let place = 0; place < places; place++, x += xStep, dy += dyStep, dx += dxStep, statistics += 8) {
    const means = v128.load32_splat(statistics);
    const inverse = v128.load32_splat(statistics, 4);
    let sums = f32x4.splat(0), products = f32x4.splat(0);
    for (let c = 0; c < channels; c += 4) {
      const at = c << 2;
      const g = firstLanes(f32x4.mul(v128.load(dy + at), v128.load(scale + at)), channels - c);
      const d = firstLanes(f32x4.sub(v128.load(x + at), means), channels - c);
      sums = f32x4.add(sums, g);
      products = madd(products, g, d);
    }
    const sum = f32x4.splat(sumLanes(sums) / count);
    const product = f32x4.mul(f32x4.mul(f32x4.splat(sumLanes(products) / count), inverse), inverse);
    for (let c = 0; c < channels; c += 4) {
      const at = c << 2;
      const g = f32x4.mul(v128.load(dy + at), v128.load(scale + at));
      const d = f32x4.sub(v128.load(x + at), means);
      let value = f32x4.mul(inverse, f32x4.sub(f32x4.sub(g, sum), f32x4.mul(d, product)));
      if (accumulate) value = f32x4.add(value, v128.load(dx + at));
      storeLanes(dx + at, value, channels - c);
    }
  }
}

/** Places whose sum is taken before it is added to the others, which keeps rounding small. */
const CHUNK: i32 = 256;

/** Adds to the gradients of scale and shift of some channels. */
export function layerNormWeights(
  x: usize, xStep: i32, dy: usize, dyStep: i32, statistics: usize, dScale: usize, dShift: usize,
  places: i32, channels: i32,
): void {
  for (let c = 0; c < channels; c += 4) {
    const at = c << 2;
    let scales = f32x4.splat(0), shifts = f32x4.splat(0);
    let p = x + at, g = dy + at, s = statistics;
    for (let place = 0; place < places; ) {
      let sum = f32x4.splat(0), product = f32x4.splat(0);
      for (const end = min(place + CHUNK, places); place < end; place++, p += xStep, g += dyStep, s += 8) {
        const gradient = v128.load(g);
        const d = f32x4.sub(v128.load(p), v128.load32_splat(s));
        sum = f32x4.add(sum, gradient);
        product = madd(product, gradient, f32x4.mul(d, v128.load32_splat(s, 4)));
      }
      scales = f32x4.add(scales, product);
      shifts = f32x4.add(shifts, sum);
    }
    storeLanes(dScale + at, f32x4.add(v128.load(dScale + at), scales), channels - c);
    storeLanes(dShift + at, f32x4.add(v128.load(dShift + at), shifts), channels - c);
  }
}
