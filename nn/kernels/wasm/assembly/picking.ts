import { storeLanes } from "./lanes";

// Places in another order. Indices are 32-bit places of one sample; negative: none.

// @ts-ignore: decorator
@inline
function move(from: usize, to: usize, channels: i32, accumulate: i32): void {
  for (let c = 0; c < channels; c += 4) {
    let value = v128.load(from + (c << 2));
    if (accumulate) value = f32x4.add(value, v128.load(to + (c << 2)));
    storeLanes(to + (c << 2), value, channels - c);
  }
}

/** y[j] = x[index[j]], the token where there is none. */
export function pick(
  x: usize, xStep: i32, y: usize, yStep: i32, index: usize, token: usize, places: i32, channels: i32,
): void {
  for (let j = 0; j < places; j++, y += yStep) {
    const place = load<i32>(index + (j << 2));
    move(place < 0 ? token : x + place * xStep, y, channels, 0);
  }
}

/** dx[index[j]] += dy[j] */
export function pickBack(
  dy: usize, dyStep: i32, dx: usize, dxStep: i32, index: usize, places: i32, channels: i32,
): void {
  for (let j = 0; j < places; j++, dy += dyStep) {
    const place = load<i32>(index + (j << 2));
    if (place >= 0) move(dy, dx + place * dxStep, channels, 1);
  }
}

/** dToken += dy[j] wherever there is no place. */
export function pickToken(dy: usize, dyStep: i32, dToken: usize, index: usize, places: i32, channels: i32): void {
  for (let j = 0; j < places; j++, dy += dyStep) {
    if (load<i32>(index + (j << 2)) < 0) move(dy, dToken, channels, 1);
  }
}

/**
 * Patches [places of the grid, taps, channels] to the places they cover, written or added to;
 * grid and patch sizes per depth, height and width, x [.., h, w, channels].
 */
export function spreadPatches(
  patches: usize, x: usize, xStep: i32, channels: i32, from: i32, to: i32,
  gridH: i32, gridW: i32, sizeZ: i32, sizeY: i32, sizeX: i32, h: i32, w: i32, accumulate: i32,
): void {
  const line = channels << 2;
  patches += from * sizeZ * sizeY * sizeX * line;
  for (let place = from; place < to; place++) {
    const row = place / gridW;
    const z = row / gridH;
    for (let kz = 0; kz < sizeZ; kz++) {
      for (let ky = 0; ky < sizeY; ky++) {
        const at = ((z * sizeZ + kz) * h + (row - z * gridH) * sizeY + ky) * w + (place - row * gridW) * sizeX;
        for (let kx = 0; kx < sizeX; kx++, patches += line) {
          move(patches, x + (at + kx) * xStep, channels, accumulate);
        }
      }
    }
  }
}
