import { activate, storeLanes } from "./lanes";

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
