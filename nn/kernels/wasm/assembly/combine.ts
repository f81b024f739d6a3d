import { activate, madd, storeLanes } from "./lanes";
import { high, low } from "./norm";

// Element by element. A shared gate has one channel for all those of x.

const CHUNK: i32 = 64;

/** y = activation(a + b) */
export function addTwo(
  a: usize, aStep: i32, b: usize, bStep: i32, y: usize, yStep: i32, places: i32, channels: i32, slope: f32,
): void {
  const k = f32x4.splat(slope);
  for (let place = 0; place < places; place++, a += aStep, b += bStep, y += yStep) {
    for (let c = 0; c < channels << 2; c += 16) {
      const sum = f32x4.add(v128.load(a + c), v128.load(b + c));
      storeLanes(y + c, activate(sum, k), channels - (c >> 2));
    }
  }
}

/** y = x * gate, or that added to y. */
export function multiplyGate(
  x: usize, xStep: i32, gate: usize, gateStep: i32, y: usize, yStep: i32,
  places: i32, channels: i32, shared: i32, accumulate: i32,
): void {
  for (let place = 0; place < places; place++, x += xStep, gate += gateStep, y += yStep) {
    const one = v128.load32_splat(gate);
    for (let c = 0; c < channels << 2; c += 16) {
      const factor = shared ? one : v128.load(gate + c);
      let value = f32x4.mul(v128.load(x + c), factor);
      if (accumulate) value = f32x4.add(value, v128.load(y + c));
      storeLanes(y + c, value, channels - (c >> 2));
    }
  }
}

/** dg = dy * x, summed over the channels of a shared gate, or that added to dg. */
export function gateGradient(
  x: usize, xStep: i32, dy: usize, dyStep: i32, dg: usize, dgStep: i32,
  places: i32, channels: i32, shared: i32, accumulate: i32,
): void {
  if (!shared) {
    multiplyGate(x, xStep, dy, dyStep, dg, dgStep, places, channels, 0, accumulate);
    return;
  }
  for (let place = 0; place < places; place++, x += xStep, dy += dyStep, dg += dgStep) {
    let sum: f32 = accumulate ? load<f32>(dg) : 0;
    for (let c = 0; c < channels << 2; c += 4) sum += load<f32>(x + c) * load<f32>(dy + c);
    store<f32>(dg, sum);
  }
}

/** y = 1 / (1 + exp(-x)) */
export function sigmoid(x: usize, xStep: i32, y: usize, yStep: i32, places: i32, channels: i32): void {
  for (let place = 0; place < places; place++, x += xStep, y += yStep) {
    for (let c = 0; c < channels << 2; c += 4) {
      store<f32>(y + c, <f32>1 / (<f32>1 + Mathf.exp(-load<f32>(x + c))));
    }
  }
}

/** dx = dy * s * (1 - s), or that added to dx. */
export function sigmoidGradient(
  s: usize, sStep: i32, dy: usize, dyStep: i32, dx: usize, dxStep: i32, places: i32, channels: i32, accumulate: i32,
): void {
  const one = f32x4.splat(1);
  for (let place = 0; place < places; place++, s += sStep, dy += dyStep, dx += dxStep) {
    for (let c = 0; c < channels << 2; c += 16) {
      const result = v128.load(s + c);
      let value = f32x4.mul(v128.load(dy + c), f32x4.mul(result, f32x4.sub(one, result)));
      if (accumulate) value = f32x4.add(value, v128.load(dx + c));
      storeLanes(dx + c, value, channels - (c >> 2));
    }
  }
}

/** y = x above zero, the slope at `slope` times x elsewhere. */
export function prelu(
  x: usize, xStep: i32, y: usize, yStep: i32, slope: usize, places: i32, channels: i32,
): void {
  const k = v128.load32_splat(slope);
  for (let place = 0; place < places; place++, x += xStep, y += yStep) {
    for (let c = 0; c < channels << 2; c += 16) {
      storeLanes(y + c, activate(v128.load(x + c), k), channels - (c >> 2));
    }
  }
}

/** dx written or added to; sums[channels] (float64) = what each channel adds to the slope's gradient. */
export function preluGradient(
  x: usize, xStep: i32, dy: usize, dyStep: i32, dx: usize, dxStep: i32, slope: usize, sums: usize,
  places: i32, channels: i32, accumulate: i32,
): void {
  const k = v128.load32_splat(slope);
  const zero = f32x4.splat(0);
  for (let c = 0; c < channels; c += 4) {
    const lanes = channels - c;
    let p = x + (c << 2), g = dy + (c << 2), q = dx + (c << 2);
    let sumLow = f64x2.splat(0), sumHigh = f64x2.splat(0);
    for (let place = 0; place < places; ) {
      let sum = zero;
      for (const end = min(place + CHUNK, places); place < end; place++, p += xStep, g += dyStep, q += dxStep) {
        const value = v128.load(p), gradient = v128.load(g);
        const above = f32x4.gt(value, zero);
        sum = madd(sum, gradient, v128.andnot(value, above));
        let back = v128.bitselect(gradient, f32x4.mul(gradient, k), above);
        if (accumulate) back = f32x4.add(back, v128.load(q));
        storeLanes(q, back, lanes);
      }
      sumLow = f64x2.add(sumLow, low(sum));
      sumHigh = f64x2.add(sumHigh, high(sum));
    }
    const to = sums + (c << 3);
    store<f64>(to, f64x2.extract_lane(sumLow, 0));
    if (lanes > 1) store<f64>(to + 8, f64x2.extract_lane(sumLow, 1));
    if (lanes > 2) store<f64>(to + 16, f64x2.extract_lane(sumHigh, 0));
    if (lanes > 3) store<f64>(to + 24, f64x2.extract_lane(sumHigh, 1));
  }
}

/** target += sum of `count` float64 numbers. */
export function sumOf(sums: usize, count: i32, target: usize): void {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += load<f64>(sums + (i << 3));
  store<f32>(target, load<f32>(target) + <f32>sum);
}
