import { activate, madd, storeLanes } from "./lanes";

// Steps are bytes from place to place; where tensors are dense the caller names one place of
// many channels.

/** y = activation(x); slope 1 copies. */
export function activation(
  x: usize,
  xStep: i32,
  y: usize,
  yStep: i32,
  places: i32,
  channels: i32,
  slope: f32,
): void {
  const k = f32x4.splat(slope);
  for (let place = 0; place < places; place++, x += xStep, y += yStep) {
    for (let c = 0; c < channels; c += 4) {
      storeLanes(y + (c << 2), activate(v128.load(x + (c << 2)), k), channels - c);
    }
  }
}

/** dx += dy */
export function addTo(
  dy: usize,
  dyStep: i32,
  dx: usize,
  dxStep: i32,
  places: i32,
  channels: i32,
): void {
  for (let place = 0; place < places; place++, dy += dyStep, dx += dxStep) {
    for (let c = 0; c < channels; c += 4) {
      const at = dx + (c << 2);
      storeLanes(at, f32x4.add(v128.load(at), v128.load(dy + (c << 2))), channels - c);
    }
  }
}

/** dx *= slope where y is not above zero. */
export function maskGradient(
  dx: usize,
  dxStep: i32,
  y: usize,
  yStep: i32,
  places: i32,
  channels: i32,
  slope: f32,
): void {
  const k = f32x4.splat(slope);
  const zero = f32x4.splat(0);
  for (let place = 0; place < places; place++, dx += dxStep, y += yStep) {
    for (let c = 0; c < channels; c += 4) {
      const at = dx + (c << 2);
      const d = v128.load(at);
      const keep = f32x4.gt(v128.load(y + (c << 2)), zero);
      storeLanes(at, v128.bitselect(d, f32x4.mul(d, k), keep), channels - c);
    }
  }
}

/** x = 0 */
export function clear(x: usize, xStep: i32, places: i32, channels: i32): void {
  const zero = f32x4.splat(0);
  for (let place = 0; place < places; place++, x += xStep) {
    for (let c = 0; c < channels; c += 4) storeLanes(x + (c << 2), zero, channels - c);
  }
}

/**
 * w = w * keep - rate * m / (sqrt(v) * rootScale + epsilon) after the moments m and v have
 * taken in g. keep = 1 - lr * decay, rate = lr / (1 - beta1^t),
 * rootScale = 1 / sqrt(1 - beta2^t). count is a multiple of 4.
 */
export function adamw(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  keep: f32,
  rate: f32,
  rootScale: f32,
): void {
  const b1 = f32x4.splat(beta1),
    r1 = f32x4.splat(rest1),
    b2 = f32x4.splat(beta2),
    r2 = f32x4.splat(rest2);
  const e = f32x4.splat(epsilon),
    k = f32x4.splat(keep),
    r = f32x4.splat(rate),
    s = f32x4.splat(rootScale);
  for (let i: usize = 0, end = (<usize>count) << 2; i < end; i += 16) {
    const gradient = v128.load(g + i);
    const first = madd(f32x4.mul(b1, v128.load(m + i)), r1, gradient);
    const second = madd(f32x4.mul(b2, v128.load(v + i)), r2, f32x4.mul(gradient, gradient));
    v128.store(m + i, first);
    v128.store(v + i, second);
    const change = f32x4.div(f32x4.mul(r, first), madd(e, f32x4.sqrt(second), s));
    v128.store(w + i, f32x4.sub(f32x4.mul(k, v128.load(w + i)), change));
  }
}
