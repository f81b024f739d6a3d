import { madd, storeLanes } from "./lanes";

/**
 * Mixes along one axis: y[n, i, k] is the sum of x[n, place, k] times its share, or that added to
 * y. table: count + 1 starts (i32), then `taps` places (i32) and shares (f32).
 */
export function mixAxis(
  x: usize, xStep: i32, y: usize, yStep: i32, table: usize, taps: i32,
  outer: i32, from: i32, to: i32, inner: i32, channels: i32, accumulate: i32,
): void {
  const placesAt = table + (to + 1 << 2);
  const sharesAt = placesAt + (taps << 2);
  for (let n = 0; n < outer; n++) {
    for (let i = 0; i < to; i++) {
      const first = load<i32>(table + (i << 2)), last = load<i32>(table + (i + 1 << 2));
      for (let k = 0; k < inner; k++, y += yStep) {
        for (let c = 0; c < channels << 2; c += 16) {
          let sum = accumulate ? v128.load(y + c) : f32x4.splat(0);
          for (let t = first; t < last; t++) {
            const place = (n * from + load<i32>(placesAt + (t << 2))) * inner + k;
            sum = madd(sum, v128.load(x + place * xStep + c), v128.load32_splat(sharesAt + (t << 2)));
          }
          storeLanes(y + c, sum, channels - (c >> 2));
        }
      }
    }
  }
}
