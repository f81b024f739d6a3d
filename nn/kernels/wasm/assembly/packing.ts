import { storeLanes } from "./lanes";

// Filters and inputs rearranged so that the inner loops of the convolutions walk in steps of one.

/** Writes value o of a column block: 8 wide, or 4 where at most 4 columns are left. */
// @ts-ignore: decorator
@inline
function columnAddress(packed: usize, inner: i32, columns: i32, k: i32, column: i32): usize {
  const block = column & ~7;
  const width = columns - block > 4 ? 8 : 4;
  return packed + ((block * inner + k * width + column - block) << 2);
}

/** Floats that a packed filter of inner x columns takes. */
export function packedLength(inner: i32, columns: i32): i32 {
  return inner * ((columns + 3) & ~3);
}

/** w [taps, cin, cout] -> blocks of output channels, each [taps * cin, 8 or 4]. */
export function packForward(w: usize, packed: usize, taps: i32, cin: i32, cout: i32): void {
  const inner = taps * cin;
  memory.fill(packed, 0, packedLength(inner, cout) << 2);
  for (let k = 0; k < inner; k++) {
    for (let o = 0; o < cout; o++) {
      store<f32>(columnAddress(packed, inner, cout, k, o), load<f32>(w));
      w += 4;
    }
  }
}

/** The filter that takes dy to dx: taps mirrored, input and output channels exchanged. */
export function packTransposed(w: usize, packed: usize, taps: i32, cin: i32, cout: i32): void {
  const inner = taps * cout;
  memory.fill(packed, 0, packedLength(inner, cin) << 2);
  for (let tap = taps - 1; tap >= 0; tap--) {
    for (let i = 0; i < cin; i++) {
      for (let o = 0; o < cout; o++) {
        store<f32>(columnAddress(packed, inner, cin, tap * cout + o, i), load<f32>(w));
        w += 4;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function copyFloats(from: usize, to: usize, count: i32): void {
  const end4 = from + ((count & ~3) << 2);
  const end = from + (count << 2);
  for (; from < end4; from += 16, to += 16) v128.store(to, v128.load(from));
  for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(from));
}

// @ts-ignore: decorator
@inline
function clearFloats(to: usize, count: i32): void {
  const end4 = to + ((count & ~3) << 2);
  const end = to + (count << 2);
  const zero = f32x4.splat(0);
  for (; to < end4; to += 16) v128.store(to, zero);
  for (; to < end; to += 4) store<f32>(to, 0);
}

/**
 * One sample x [d, h, w, c], xStep bytes from place to place, into padded [pd, ph, pw, c]: place i of an axis goes to
 * before + i * spacing; places that fall outside are left out, all others are zero.
 */
export function padSample(
  x: usize, padded: usize, c: i32, xStep: i32, d: i32, h: i32, w: i32, pd: i32, ph: i32, pw: i32,
  beforeZ: i32, beforeY: i32, beforeX: i32, spaceZ: i32, spaceY: i32, spaceX: i32,
): void {
  const first = max(0, -beforeX);
  const count = min(w, pw - beforeX) - first;
  for (let z = 0; z < pd; z++) {
    const fromZ = (z - beforeZ) / spaceZ;
    const hasZ = z >= beforeZ && fromZ < d && fromZ * spaceZ == z - beforeZ;
    for (let y = 0; y < ph; y++) {
      const to = padded + ((z * ph + y) * pw * c << 2);
      const fromY = (y - beforeY) / spaceY;
      if (!hasZ || y < beforeY || fromY >= h || fromY * spaceY != y - beforeY) {
        clearFloats(to, pw * c);
        continue;
      }
      const from = x + (fromZ * h + fromY) * w * xStep;
      if (spaceX == 1 && count > 0 && xStep == c << 2) {
        const start = beforeX + first;
        clearFloats(to, start * c);
        copyFloats(from + (first * c << 2), to + (start * c << 2), count * c);
        clearFloats(to + ((start + count) * c << 2), (pw - start - count) * c);
        continue;
      }
      clearFloats(to, pw * c);
      for (let i = 0; i < w; i++) {
        const at = beforeX + i * spaceX;
        if (at >= 0 && at < pw) copyFloats(from + i * xStep, to + (at * c << 2), c);
      }
    }
  }
}

/** Adds to sums[c] the sum of x over the places. */
export function sumPlaces(x: usize, xStep: i32, places: i32, c: i32, sums: usize): void {
  for (let o = 0; o < c; o += 4, x += 16, sums += 16) {
    let total = f32x4.splat(0);
    for (let place = 0; place < places; ) {
      let a = f32x4.splat(0), b = f32x4.splat(0);
      const end = min(place + 256, places);
      for (; place + 1 < end; place += 2) {
        a = f32x4.add(a, v128.load(x + place * xStep));
        b = f32x4.add(b, v128.load(x + (place + 1) * xStep));
      }
      if (place < end) a = f32x4.add(a, v128.load(x + place++ * xStep));
      total = f32x4.add(total, f32x4.add(a, b));
    }
    storeLanes(sums, f32x4.add(v128.load(sums), total), min(4, c - o));
  }
}

/** to[b, a, c] = from[a, b, c], or added to it. */
export function swapAxes(from: usize, to: usize, a: i32, b: i32, c: i32, accumulate: i32): void {
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      const target = to + ((j * a + i) * c << 2);
      for (let k = 0; k < c << 2; k += 4, from += 4) {
        const value = load<f32>(from);
        store<f32>(target + k, accumulate ? load<f32>(target + k) + value : value);
      }
    }
  }
}
