import { madd, storeLanes } from "./lanes";

// Every channel by a filter of its own. Taps that fall outside are left out, so that nothing
// has to be padded. A filter line is kStep bytes, the channels of all taps.

/**
 * y[place, c] = bias[c] + sum over taps of x[place + tap - middle, c] * k[tap, c] for the rows
 * [from, to) of one sample, rows counted over depth and height; mirrored: taps the other way
 * round; bias 0: none; accumulate: added to y.
 */
export function depthwise(
  x: usize, xStep: i32, y: usize, yStep: i32, k: usize, kStep: i32, bias: usize,
  d: i32, h: i32, w: i32, channels: i32, sizeZ: i32, size: i32,
  from: i32, to: i32, mirrored: i32, accumulate: i32,
): void {
  const middleZ = sizeZ >> 1, middle = size >> 1;
  const last = sizeZ * size * size - 1;
  const rowStep = w * xStep;
  const planeStep = h * rowStep;
  for (let row = from; row < to; row++) {
    const z = row / h;
    const line = row - z * h;
    const firstZ = max(0, middleZ - z), lastZ = min(sizeZ, d + middleZ - z);
    const firstY = max(0, middle - line), lastY = min(size, h + middle - line);
    let out = y + row * w * yStep;
    for (let column = 0; column < w; column++, out += yStep) {
      const firstX = max(0, middle - column), lastX = min(size, w + middle - column);
      const at = x + (row * w + column) * xStep;
      for (let c = 0; c < channels; c += 4) {
        let sum = bias ? v128.load(bias + (c << 2)) : f32x4.splat(0);
        const source = at + (c << 2);
        const weight = k + (c << 2);
        for (let kz = firstZ; kz < lastZ; kz++) {
          for (let ky = firstY; ky < lastY; ky++) {
            const start = source + (kz - middleZ) * planeStep + (ky - middle) * rowStep;
            const tapRow = (kz * size + ky) * size;
            for (let kx = firstX; kx < lastX; kx++) {
              const tap = mirrored ? last - tapRow - kx : tapRow + kx;
              sum = madd(sum, v128.load(start + (kx - middle) * xStep), v128.load(weight + tap * kStep));
            }
          }
        }
        if (accumulate) sum = f32x4.add(sum, v128.load(out + (c << 2)));
        storeLanes(out + (c << 2), sum, channels - c);
      }
    }
  }
}

/** Adds to dk[tap, c] the sum over the places of one sample of x * dy. */
export function depthwiseFilter(
  x: usize, xStep: i32, dy: usize, dyStep: i32, dk: usize, kStep: i32,
  d: i32, h: i32, w: i32, channels: i32, sizeZ: i32, size: i32,
): void {
  const middleZ = sizeZ >> 1, middle = size >> 1;
  for (let kz = 0, tap = 0; kz < sizeZ; kz++) {
    const z0 = max(0, middleZ - kz), z1 = min(d, d + middleZ - kz);
    for (let ky = 0; ky < size; ky++) {
      const y0 = max(0, middle - ky), y1 = min(h, h + middle - ky);
      for (let kx = 0; kx < size; kx++, tap++) {
        const x0 = max(0, middle - kx), x1 = min(w, w + middle - kx);
        const shift = (((kz - middleZ) * h + ky - middle) * w + kx - middle) * xStep;
        for (let c = 0; c < channels; c += 4) {
          let total = f32x4.splat(0);
          for (let z = z0; z < z1; z++) {
            for (let line = y0; line < y1; line++) {
              const place = (z * h + line) * w + x0;
              let p = x + place * xStep + shift + (c << 2);
              let g = dy + place * dyStep + (c << 2);
              let sum = f32x4.splat(0);
              for (let i = x0; i < x1; i++, p += xStep, g += dyStep) {
                sum = madd(sum, v128.load(p), v128.load(g));
              }
              total = f32x4.add(total, sum);
            }
          }
          const at = dk + tap * kStep + (c << 2);
          storeLanes(at, f32x4.add(v128.load(at), total), channels - c);
        }
      }
    }
  }
}
