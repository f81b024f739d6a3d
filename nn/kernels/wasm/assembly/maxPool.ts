import { storeLanes } from "./lanes";
import { clear } from "./pointwise";

/** One sample [d, h, w, channels]: largest of each window of 2; depth is pooled when deep. */
export function maxPoolForward(
  x: usize, xStep: i32, y: usize, yStep: i32, d: i32, h: i32, w: i32, channels: i32, deep: i32,
): void {
  const rowStep = w * xStep;
  const planeStep = deep ? h * rowStep : 0;
  const outD = deep ? d >> 1 : d, outH = h >> 1, outW = w >> 1;
  for (let z = 0; z < outD; z++) {
    for (let row = 0; row < outH; row++) {
      let p = x + (deep ? 2 * z : z) * h * rowStep + 2 * row * rowStep;
      for (let column = 0; column < outW; column++, p += 2 * xStep, y += yStep) {
        for (let c = 0; c < channels; c += 4) {
          const at = p + (c << 2);
          let most = largest4(at, xStep, rowStep);
          if (deep) most = f32x4.max(most, largest4(at + planeStep, xStep, rowStep));
          storeLanes(y + (c << 2), most, channels - c);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function largest4(at: usize, xStep: i32, rowStep: i32): v128 {
  return f32x4.max(
    f32x4.max(v128.load(at), v128.load(at + xStep)),
    f32x4.max(v128.load(at + rowStep), v128.load(at + rowStep + xStep)),
  );
}

/** dy goes to the first place, row-major, that holds the largest of its window. */
export function maxPoolBackward(
  x: usize, xStep: i32, dy: usize, dyStep: i32, dx: usize, dxStep: i32,
  d: i32, h: i32, w: i32, channels: i32, deep: i32, accumulate: i32,
): void {
  const odd = (deep & d | h | w) & 1;
  if (odd && !accumulate) clear(dx, dxStep, d * h * w, channels);
  const add = odd | accumulate;
  const outD = deep ? d >> 1 : d, outH = h >> 1, outW = w >> 1;
  for (let z = 0; z < outD; z++) {
    for (let row = 0; row < outH; row++) {
      let place = ((deep ? 2 * z : z) * h + 2 * row) * w;
      for (let column = 0; column < outW; column++, place += 2, dy += dyStep) {
        for (let c = 0; c < channels; c += 4) {
          const at = x + place * xStep + (c << 2);
          const to = dx + place * dxStep + (c << 2);
          const gradient = v128.load(dy + (c << 2));
          const rowStep = w * xStep;
          let most = largest4(at, xStep, rowStep);
          if (deep) most = f32x4.max(most, largest4(at + h * rowStep, xStep, rowStep));
          let free = i32x4.splat(-1);
          for (let k = 0, count = deep ? 8 : 4; k < count; k++) {
            const offset = ((k >> 2) * h + (k >> 1 & 1)) * w + (k & 1);
            const hit = v128.and(free, f32x4.eq(v128.load(at + offset * xStep), most));
            free = v128.andnot(free, hit);
            const target = to + offset * dxStep;
            let value = v128.and(hit, gradient);
            if (add) value = f32x4.add(value, v128.load(target));
            storeLanes(target, value, channels - c);
          }
        }
      }
    }
  }
}
