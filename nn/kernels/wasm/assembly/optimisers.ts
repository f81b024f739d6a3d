import { madd } from "./lanes";

// Over flat vectors; count is a multiple of 4.

/**
 * w = w * keep - rate * m / (sqrt(v) * rootScale + epsilon) after the moments m and v have
 * taken in g. keep = 1 - lr * decay, rate = lr / (1 - beta1^t),
 * rootScale = 1 / sqrt(1 - beta2^t).
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

/**
 * w = w - rate * v after v = momentum * v + d with d = g + decay * w; w - rate * (d + momentum * v)
 * where ahead is 1 (Nesterov).
 */
export function sgd(
  w: usize,
  g: usize,
  v: usize,
  count: i32,
  momentum: f32,
  decay: f32,
  rate: f32,
  ahead: i32,
): void {
  const m = f32x4.splat(momentum),
    k = f32x4.splat(decay),
    r = f32x4.splat(rate);
  for (let i: usize = 0, end = (<usize>count) << 2; i < end; i += 16) {
    const weight = v128.load(w + i);
    const change = madd(v128.load(g + i), k, weight);
    const velocity = madd(change, m, v128.load(v + i));
    v128.store(v + i, velocity);
    const move = ahead ? madd(change, m, velocity) : velocity;
    v128.store(w + i, f32x4.sub(weight, f32x4.mul(r, move)));
  }
}
