import { madd, storeLanes } from "./lanes";
import { clear } from "./pointwise";

// Linear interpolation, one sample: source rows are mixed into one line, the line is then
// stretched. A table of an axis of n output places holds n first places, n second places (i32)
// and n shares of the second (f32).

// @ts-ignore: decorator
@inline
function share(table: usize, n: i32, i: i32): f32 {
  return load<f32>(table + ((2 * n + i) << 2));
}

// @ts-ignore: decorator
@inline
function place(table: usize, n: i32, i: i32, second: i32): i32 {
  return load<i32>(table + ((second * n + i) << 2));
}

/** line: scratch of inW * channels rounded up to 4. */
export function upsampleForward(
  x: usize, xStep: i32, y: usize, yStep: i32, line: usize, tableZ: usize, tableY: usize, tableX: usize,
  inH: i32, inW: i32, outD: i32, outH: i32, outW: i32, channels: i32,
): void {
  const pixel = ((channels + 3) & ~3) << 2;
  for (let z = 0; z < outD; z++) {
    const shareZ = share(tableZ, outD, z);
    for (let row = 0; row < outH; row++) {
      const shareY = share(tableY, outH, row);
      let isFirst = true;
      for (let corner = 0; corner < 4; corner++) {
        const part = (corner & 2 ? shareZ : 1 - shareZ) * (corner & 1 ? shareY : 1 - shareY);
        if (part == 0) continue;
        const from = place(tableZ, outD, z, corner >> 1) * inH + place(tableY, outH, row, corner & 1);
        mixRow(x + from * inW * xStep, xStep, line, pixel, inW, channels, part, isFirst);
        isFirst = false;
      }
      for (let column = 0; column < outW; column++, y += yStep) {
        const a = line + place(tableX, outW, column, 0) * pixel;
        const b = line + place(tableX, outW, column, 1) * pixel;
        const second = share(tableX, outW, column);
        const shareB = f32x4.splat(second), shareA = f32x4.splat(1 - second);
        for (let c = 0; c < channels; c += 4) {
          const value = madd(f32x4.mul(v128.load(a + (c << 2)), shareA), v128.load(b + (c << 2)), shareB);
          storeLanes(y + (c << 2), value, channels - c);
        }
      }
    }
  }
}

function mixRow(
  x: usize, xStep: i32, line: usize, pixel: i32, inW: i32, channels: i32, part: f32, isFirst: bool,
): void {
  const factor = f32x4.splat(part);
  for (let column = 0; column < inW; column++, x += xStep, line += pixel) {
    for (let c = 0; c < channels << 2; c += 16) {
      const value = f32x4.mul(v128.load(x + c), factor);
      v128.store(line + c, isFirst ? value : f32x4.add(value, v128.load(line + c)));
    }
  }
}

/** The exact transpose: dx written or added to. */
export function upsampleBackward(
  dy: usize, dyStep: i32, dx: usize, dxStep: i32, line: usize, tableZ: usize, tableY: usize, tableX: usize,
  inD: i32, inH: i32, inW: i32, outD: i32, outH: i32, outW: i32, channels: i32, accumulate: i32,
): void {
  const pixel = ((channels + 3) & ~3) << 2;
  if (!accumulate) clear(dx, dxStep, inD * inH * inW, channels);
  for (let z = 0; z < outD; z++) {
    const shareZ = share(tableZ, outD, z);
    for (let row = 0; row < outH; row++) {
      const shareY = share(tableY, outH, row);
      memory.fill(line, 0, inW * pixel);
      for (let column = 0; column < outW; column++, dy += dyStep) {
        const a = line + place(tableX, outW, column, 0) * pixel;
        const b = line + place(tableX, outW, column, 1) * pixel;
        const second = share(tableX, outW, column);
        const shareB = f32x4.splat(second), shareA = f32x4.splat(1 - second);
        for (let c = 0; c < channels << 2; c += 16) {
          const gradient = v128.load(dy + c);
          v128.store(a + c, madd(v128.load(a + c), gradient, shareA));
          v128.store(b + c, madd(v128.load(b + c), gradient, shareB));
        }
      }
      for (let corner = 0; corner < 4; corner++) {
        const part = (corner & 2 ? shareZ : 1 - shareZ) * (corner & 1 ? shareY : 1 - shareY);
        if (part == 0) continue;
        const to = place(tableZ, outD, z, corner >> 1) * inH + place(tableY, outH, row, corner & 1);
        addRow(line, pixel, dx + to * inW * dxStep, dxStep, inW, channels, part);
      }
    }
  }
}

function addRow(line: usize, pixel: i32, dx: usize, dxStep: i32, inW: i32, channels: i32, part: f32): void {
  const factor = f32x4.splat(part);
  for (let column = 0; column < inW; column++, line += pixel, dx += dxStep) {
    for (let c = 0; c < channels; c += 4) {
      const at = dx + (c << 2);
      storeLanes(at, madd(v128.load(at), v128.load(line + (c << 2)), factor), channels - c);
    }
  }
}
