import { madd, storeLanes } from "./lanes";
import { exp4 } from "./math";

/**
 * P(z <= x) of a standard normal z, to 1e-7; `power` = e^(-x^2 / 2).
 *
 * Source: Abramowitz and Stegun 1964, 7.1.26.
 */
// @ts-ignore: decorator
@inline
function distribution(x: v128, power: v128): v128 {
  const one = f32x4.splat(1);
  const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.7071067811865476));
  const t = f32x4.div(one, madd(one, z, f32x4.splat(0.3275911)));
  let p = f32x4.splat(0.5 * 1.061405429);
  p = madd(f32x4.splat(0.5 * -1.453152027), p, t);
  p = madd(f32x4.splat(0.5 * 1.421413741), p, t);
  p = madd(f32x4.splat(0.5 * -0.284496736), p, t);
  p = madd(f32x4.splat(0.5 * 0.254829592), p, t);
  const tail = f32x4.mul(f32x4.mul(p, t), power);
  return v128.bitselect(f32x4.sub(one, tail), tail, f32x4.gt(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function powerOf(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/** y = x P(z <= x); steps as in pointwise.ts */
export function geluForward(x: usize, xStep: i32, y: usize, yStep: i32, places: i32, channels: i32): void {
  for (let place = 0; place < places; place++, x += xStep, y += yStep) {
    for (let c = 0; c < channels; c += 4) {
      const value = v128.load(x + (c << 2));
      const result = f32x4.mul(value, distribution(value, powerOf(value)));
      storeLanes(y + (c << 2), result, channels - c);
    }
  }
}

/** dx = dy (P(z <= x) + x density(x)), or that added to dx. */
export function geluBackward(
  x: usize, xStep: i32, dy: usize, dyStep: i32, dx: usize, dxStep: i32,
  places: i32, channels: i32, accumulate: i32,
): void {
  const density = f32x4.splat(0.3989422804014327);
  for (let place = 0; place < places; place++, x += xStep, dy += dyStep, dx += dxStep) {
    for (let c = 0; c < channels; c += 4) {
      const value = v128.load(x + (c << 2));
      const power = powerOf(value);
      const slope = madd(distribution(value, power), f32x4.mul(value, density), power);
      let result = f32x4.mul(v128.load(dy + (c << 2)), slope);
      if (accumulate) result = f32x4.add(result, v128.load(dx + (c << 2)));
      storeLanes(dx + (c << 2), result, channels - c);
    }
  }
}
