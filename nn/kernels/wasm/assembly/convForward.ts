import { activate, madd, storeLanes } from "./lanes";

// An implicit matrix product: rows are output places, columns output channels, the inner
// dimension runs over taps and input channels. In a padded channels-last input the taps of one
// kernel row are neighbours in memory, so that the inner loop is a walk along `run` floats.
// Tiles of 4 places x 8 channels keep 8 sums in registers; 16 registers allow little more.

/** Address of an output place in the padded input. */
// @ts-ignore: decorator
@inline
function placeAddress(x: usize, place: i32, outH: i32, outW: i32, stepZ: i32, stepY: i32, stepX: i32): usize {
  const row = place / outW;
  const z = row / outH;
  return x + z * stepZ + (row - z * outH) * stepY + (place - row * outW) * stepX;
}

/**
 * out[place, o] = activation(bias[o] + sum over taps, i of x[place, tap, i] * w[tap, i, o])
 * for the places [from, to) of one sample.
 *
 * x: padded input; w: as packForward or packTransposed leave it; taps: byte offsets of the
 * runs; step*: bytes in x from one output place to the next; outStep: the same in out; bias 0: none; accumulate: add to
 * what out holds.
 */
export function convForward(
  x: usize, w: usize, bias: usize, out: usize, taps: usize, tapRuns: i32, run: i32, cout: i32, outStep: i32,
  outH: i32, outW: i32, stepZ: i32, stepY: i32, stepX: i32,
  from: i32, to: i32, slope: f32, accumulate: i32,
): void {
  const inner = tapRuns * run;
  for (let o = 0; o < cout; ) {
    const left = cout - o;
    const wide = left > 4;
    const biasAt = bias ? bias + (o << 2) : 0;
    if (wide) {
      block8(x, w, biasAt, out + (o << 2), taps, tapRuns, run, min(left, 8), outStep, outH, outW, stepZ, stepY, stepX, from, to, slope, accumulate);
      w += inner << 5;
      o += 8;
    } else {
      block4(x, w, biasAt, out + (o << 2), taps, tapRuns, run, left, outStep, outH, outW, stepZ, stepY, stepX, from, to, slope, accumulate);
      w += inner << 4;
      o += 4;
    }
  }
}

function block8(
  x: usize, w: usize, bias: usize, out: usize, taps: usize, tapRuns: i32, run: i32, lanes: i32, outStep: i32,
  outH: i32, outW: i32, stepZ: i32, stepY: i32, stepX: i32,
  from: i32, to: i32, slope: f32, accumulate: i32,
): void {
  const zero = f32x4.splat(0);
  const biasA = bias ? v128.load(bias) : zero;
  const biasB = bias ? v128.load(bias, 16) : zero;
  const tapsEnd = taps + (tapRuns << 2);
  const run4 = (run & ~3) << 2;
  const rest = (run & 3) << 2;
  const lanesB = lanes - 4;
  let column = from % outW;
  for (let place = from; place < to; place += 4) {
    let p0: usize, p1: usize, p2: usize, p3: usize;
    const last = to - 1;
    p0 = placeAddress(x, place, outH, outW, stepZ, stepY, stepX);
    if (column + 4 <= outW && place + 4 <= to) {
      p1 = p0 + stepX;
      p2 = p1 + stepX;
      p3 = p2 + stepX;
    } else {
      p1 = placeAddress(x, min(place + 1, last), outH, outW, stepZ, stepY, stepX);
      p2 = placeAddress(x, min(place + 2, last), outH, outW, stepZ, stepY, stepX);
      p3 = placeAddress(x, min(place + 3, last), outH, outW, stepZ, stepY, stepX);
    }
    column += 4;
    while (column >= outW) column -= outW;

    let a0 = biasA, b0 = biasB, a1 = biasA, b1 = biasB;
    let a2 = biasA, b2 = biasB, a3 = biasA, b3 = biasB;
    let weight = w;
    for (let tap = taps; tap < tapsEnd; tap += 4) {
      const offset = load<i32>(tap);
      let q0 = p0 + offset, q1 = p1 + offset, q2 = p2 + offset, q3 = p3 + offset;
      for (const end = q0 + run4; q0 < end; ) {
        let wa = v128.load(weight);
        let wb = v128.load(weight, 16);
        let s = v128.load32_splat(q0);
        a0 = madd(a0, s, wa); b0 = madd(b0, s, wb);
        s = v128.load32_splat(q1);
        a1 = madd(a1, s, wa); b1 = madd(b1, s, wb);
        s = v128.load32_splat(q2);
        a2 = madd(a2, s, wa); b2 = madd(b2, s, wb);
        s = v128.load32_splat(q3);
        a3 = madd(a3, s, wa); b3 = madd(b3, s, wb);
        wa = v128.load(weight, 32);
        wb = v128.load(weight, 48);
        s = v128.load32_splat(q0, 4);
        a0 = madd(a0, s, wa); b0 = madd(b0, s, wb);
        s = v128.load32_splat(q1, 4);
        a1 = madd(a1, s, wa); b1 = madd(b1, s, wb);
        s = v128.load32_splat(q2, 4);
        a2 = madd(a2, s, wa); b2 = madd(b2, s, wb);
        s = v128.load32_splat(q3, 4);
        a3 = madd(a3, s, wa); b3 = madd(b3, s, wb);
        wa = v128.load(weight, 64);
        wb = v128.load(weight, 80);
        s = v128.load32_splat(q0, 8);
        a0 = madd(a0, s, wa); b0 = madd(b0, s, wb);
        s = v128.load32_splat(q1, 8);
        a1 = madd(a1, s, wa); b1 = madd(b1, s, wb);
        s = v128.load32_splat(q2, 8);
        a2 = madd(a2, s, wa); b2 = madd(b2, s, wb);
        s = v128.load32_splat(q3, 8);
        a3 = madd(a3, s, wa); b3 = madd(b3, s, wb);
        wa = v128.load(weight, 96);
        wb = v128.load(weight, 112);
        s = v128.load32_splat(q0, 12);
        a0 = madd(a0, s, wa); b0 = madd(b0, s, wb);
        s = v128.load32_splat(q1, 12);
        a1 = madd(a1, s, wa); b1 = madd(b1, s, wb);
        s = v128.load32_splat(q2, 12);
        a2 = madd(a2, s, wa); b2 = madd(b2, s, wb);
        s = v128.load32_splat(q3, 12);
        a3 = madd(a3, s, wa); b3 = madd(b3, s, wb);
        q0 += 16; q1 += 16; q2 += 16; q3 += 16;
        weight += 128;
      }
      for (const end = q0 + rest; q0 < end; ) {
        const wa = v128.load(weight);
        const wb = v128.load(weight, 16);
        let s = v128.load32_splat(q0);
        a0 = madd(a0, s, wa); b0 = madd(b0, s, wb);
        s = v128.load32_splat(q1);
        a1 = madd(a1, s, wa); b1 = madd(b1, s, wb);
        s = v128.load32_splat(q2);
        a2 = madd(a2, s, wa); b2 = madd(b2, s, wb);
        s = v128.load32_splat(q3);
        a3 = madd(a3, s, wa); b3 = madd(b3, s, wb);
        q0 += 4; q1 += 4; q2 += 4; q3 += 4;
        weight += 32;
      }
    }

    const k = f32x4.splat(slope);
    const to0 = out + place * outStep;
    finish(to0, a0, b0, k, accumulate, lanesB);
    if (place + 1 < to) finish(to0 + outStep, a1, b1, k, accumulate, lanesB);
    if (place + 2 < to) finish(to0 + 2 * outStep, a2, b2, k, accumulate, lanesB);
    if (place + 3 < to) finish(to0 + 3 * outStep, a3, b3, k, accumulate, lanesB);
  }
}

// @ts-ignore: decorator
@inline
function finish(at: usize, a: v128, b: v128, slope: v128, accumulate: i32, lanesB: i32): void {
  if (accumulate) {
    a = f32x4.add(a, v128.load(at));
    b = f32x4.add(b, v128.load(at, 16));
  }
  v128.store(at, activate(a, slope));
  storeLanes(at + 16, activate(b, slope), lanesB);
}

function block4(
  x: usize, w: usize, bias: usize, out: usize, taps: usize, tapRuns: i32, run: i32, lanes: i32, outStep: i32,
  outH: i32, outW: i32, stepZ: i32, stepY: i32, stepX: i32,
  from: i32, to: i32, slope: f32, accumulate: i32,
): void {
  const biasA = bias ? v128.load(bias) : f32x4.splat(0);
  const tapsEnd = taps + (tapRuns << 2);
  for (let place = from; place < to; place += 4) {
    const last = to - 1;
    const p0 = placeAddress(x, place, outH, outW, stepZ, stepY, stepX);
    const p1 = placeAddress(x, min(place + 1, last), outH, outW, stepZ, stepY, stepX);
    const p2 = placeAddress(x, min(place + 2, last), outH, outW, stepZ, stepY, stepX);
    const p3 = placeAddress(x, min(place + 3, last), outH, outW, stepZ, stepY, stepX);
    let a0 = biasA, a1 = biasA, a2 = biasA, a3 = biasA;
    let weight = w;
    for (let tap = taps; tap < tapsEnd; tap += 4) {
      const offset = load<i32>(tap);
      let q0 = p0 + offset, q1 = p1 + offset, q2 = p2 + offset, q3 = p3 + offset;
      for (const end = q0 + (run << 2); q0 < end; ) {
        const wa = v128.load(weight);
        a0 = madd(a0, v128.load32_splat(q0), wa);
        a1 = madd(a1, v128.load32_splat(q1), wa);
        a2 = madd(a2, v128.load32_splat(q2), wa);
        a3 = madd(a3, v128.load32_splat(q3), wa);
        q0 += 4; q1 += 4; q2 += 4; q3 += 4;
        weight += 16;
      }
    }
    const k = f32x4.splat(slope);
    const to0 = out + place * outStep;
    finish4(to0, a0, k, accumulate, lanes);
    if (place + 1 < to) finish4(to0 + outStep, a1, k, accumulate, lanes);
    if (place + 2 < to) finish4(to0 + 2 * outStep, a2, k, accumulate, lanes);
    if (place + 3 < to) finish4(to0 + 3 * outStep, a3, k, accumulate, lanes);
  }
}

// @ts-ignore: decorator
@inline
function finish4(at: usize, a: v128, slope: v128, accumulate: i32, lanes: i32): void {
  if (accumulate) a = f32x4.add(a, v128.load(at));
  storeLanes(at, activate(a, slope), lanes);
}
