import { madd, storeLanes } from "./lanes";
import { exp4, firstLanes, sumLanes } from "./math";

// Attention of one head by tiles of 4 rows: scores of 4 queries by all keys lie in scratch, the
// whole matrix never does. Products take rows as they lie in memory by a matrix whose rows are
// columns of the other side, so that the inner loops walk in steps of one.

/** out[row, columns] = factor * (rows of a) . b for up to 4 rows; lines of b are bStep bytes apart. */
function product(
  a: usize, aStep: i32, rows: i32, inner: i32, b: usize, bStep: i32, columns: i32,
  out: usize, outStep: i32, factor: f32, accumulate: i32,
): void {
  const a1 = a + min(1, rows - 1) * aStep;
  const a2 = a + min(2, rows - 1) * aStep;
  const a3 = a + min(3, rows - 1) * aStep;
  const k = f32x4.splat(factor);
  const end = inner << 2;
  for (let o = 0; o < columns; o += 8) {
    const zero = f32x4.splat(0);
    let s0 = zero, t0 = zero, s1 = zero, t1 = zero, s2 = zero, t2 = zero, s3 = zero, t3 = zero;
    let line = b + (o << 2);
    for (let i = 0; i < end; i += 4, line += bStep) {
      const u = v128.load(line);
      const v = v128.load(line, 16);
      let w = v128.load32_splat(a + i);
      s0 = madd(s0, w, u); t0 = madd(t0, w, v);
      w = v128.load32_splat(a1 + i);
      s1 = madd(s1, w, u); t1 = madd(t1, w, v);
      w = v128.load32_splat(a2 + i);
      s2 = madd(s2, w, u); t2 = madd(t2, w, v);
      w = v128.load32_splat(a3 + i);
      s3 = madd(s3, w, u); t3 = madd(t3, w, v);
    }
    const lanes = columns - o;
    let at = out + (o << 2);
    finish(at, s0, t0, k, lanes, accumulate);
    if (rows > 1) finish((at += outStep), s1, t1, k, lanes, accumulate);
    if (rows > 2) finish((at += outStep), s2, t2, k, lanes, accumulate);
    if (rows > 3) finish(at + outStep, s3, t3, k, lanes, accumulate);
  }
}

// @ts-ignore: decorator
@inline
function finish(at: usize, s: v128, t: v128, factor: v128, lanes: i32, accumulate: i32): void {
  let first = f32x4.mul(s, factor);
  if (accumulate) first = f32x4.add(first, v128.load(at));
  storeLanes(at, first, lanes);
  if (lanes <= 4) return;
  let second = f32x4.mul(t, factor);
  if (accumulate) second = f32x4.add(second, v128.load(at, 16));
  storeLanes(at + 16, second, lanes - 4);
}

/** to[channel, place] = x[place, channel]; lines of `to` have `line` floats, zero after the places. */
export function transposePlaces(
  x: usize, xStep: i32, to: usize, places: i32, channels: i32, line: i32,
): void {
  for (let c = 0; c < channels; c++, to += line << 2) {
    let from = x + (c << 2);
    for (let place = 0; place < places; place++, from += xStep) {
      store<f32>(to + (place << 2), load<f32>(from));
    }
    for (let place = places; place < line; place++) store<f32>(to + (place << 2), 0);
  }
}

/**
 * y of the queries [from, to). keysT: keys as transposePlaces leaves them; statistics: of each
 * query, statStep bytes apart, the largest score and 1 / the sum of exponentials; rows: scratch
 * of 4 lines.
 */
export function attentionForward(
  q: usize, qStep: i32, keysT: usize, v: usize, vStep: i32, y: usize, yStep: i32,
  statistics: usize, statStep: i32, rows: usize,
  from: i32, to: i32, keys: i32, line: i32, size: i32, factor: f32,
): void {
  const pitch = line << 2;
  for (let query = from; query < to; query += 4) {
    const count = min(4, to - query);
    product(q + query * qStep, qStep, count, size, keysT, pitch, line, rows, pitch, factor, 0);
    for (let row = 0; row < count; row++) {
      softmax(rows + row * pitch, keys, statistics + (query + row) * statStep);
    }
    product(rows, pitch, count, keys, v, vStep, size, y + query * yStep, yStep, 1, 0);
  }
}

function softmax(row: usize, count: i32, statistics: usize): void {
  let tops = v128.load32_splat(row);
  const whole = count & ~3;
  for (let k = 0; k < whole; k += 4) tops = f32x4.max(tops, v128.load(row + (k << 2)));
  let top = max(
    max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1)),
    max(f32x4.extract_lane(tops, 2), f32x4.extract_lane(tops, 3)),
  );
  for (let k = whole; k < count; k++) top = max(top, load<f32>(row + (k << 2)));
  const most = f32x4.splat(top);
  let sums = f32x4.splat(0);
  for (let k = 0; k < count; k += 4) {
    const at = row + (k << 2);
    const power = firstLanes(exp4(f32x4.sub(v128.load(at), most)), count - k);
    v128.store(at, power);
    sums = f32x4.add(sums, power);
  }
  const inverse = <f32>1 / sumLanes(sums);
  const factor = f32x4.splat(inverse);
  for (let k = 0; k < count; k += 4) {
    v128.store(row + (k << 2), f32x4.mul(v128.load(row + (k << 2)), factor));
  }
  store<f32>(statistics, top);
  store<f32>(statistics, inverse, 4);
}

/** dx of the queries [from, to); statistics gets the sum over keys of share times its gradient. */
export function attentionQuery(
  q: usize, qStep: i32, keysT: usize, k: usize, kStep: i32, valuesT: usize, dy: usize, dyStep: i32,
  dx: usize, dxStep: i32, statistics: usize, statStep: i32, rows: usize,
  from: i32, to: i32, keys: i32, line: i32, size: i32, factor: f32, accumulate: i32,
): void {
  const pitch = line << 2;
  const gradients = rows + 4 * pitch;
  for (let query = from; query < to; query += 4) {
    const count = min(4, to - query);
    product(q + query * qStep, qStep, count, size, keysT, pitch, line, rows, pitch, factor, 0);
    product(dy + query * dyStep, dyStep, count, size, valuesT, pitch, line, gradients, pitch, 1, 0);
    for (let row = 0; row < count; row++) {
      const at = statistics + (query + row) * statStep;
      const top = v128.load32_splat(at);
      const inverse = v128.load32_splat(at, 4);
      const scores = rows + row * pitch;
      const byShare = gradients + row * pitch;
      let sums = f32x4.splat(0);
      for (let i = 0; i < keys; i += 4) {
        const o = i << 2;
        const share = f32x4.mul(exp4(f32x4.sub(v128.load(scores + o), top)), inverse);
        const kept = firstLanes(share, keys - i);
        v128.store(scores + o, kept);
        sums = madd(sums, kept, v128.load(byShare + o));
      }
      const sum = sumLanes(sums);
      store<f32>(at, sum, 8);
      for (let o = 0; o < keys << 2; o += 16) {
        const g = f32x4.sub(v128.load(byShare + o), f32x4.splat(sum));
        v128.store(scores + o, f32x4.mul(v128.load(scores + o), g));
      }
    }
    product(rows, pitch, count, keys, k, kStep, size, dx + query * dxStep, dxStep, factor, accumulate);
  }
}

/** Columns of the statistics of a head as three lines: top, inverse, sum; zero after the queries. */
export function attentionLines(statistics: usize, statStep: i32, to: usize, queries: i32, line: i32): void {
  transposePlaces(statistics, statStep, to, queries, 3, line);
}

/**
 * Gradients of the keys [from, to), or of their values: isValue. queriesT, gradientsT: queries
 * and dy as transposePlaces leaves them; lines: as attentionLines.
 */
export function attentionKey(
  q: usize, qStep: i32, queriesT: usize, k: usize, kStep: i32, v: usize, vStep: i32,
  dy: usize, dyStep: i32, gradientsT: usize, dx: usize, dxStep: i32, lines: usize, rows: usize,
  from: i32, to: i32, queries: i32, line: i32, size: i32, factor: f32, accumulate: i32, isValue: i32,
): void {
  const pitch = line << 2;
  const gradients = rows + 4 * pitch;
  for (let key = from; key < to; key += 4) {
    const count = min(4, to - key);
    product(k + key * kStep, kStep, count, size, queriesT, pitch, line, rows, pitch, factor, 0);
    if (!isValue) {
      product(v + key * vStep, vStep, count, size, gradientsT, pitch, line, gradients, pitch, 1, 0);
    }
    for (let row = 0; row < count; row++) {
      const scores = rows + row * pitch;
      const byShare = gradients + row * pitch;
      for (let o = 0; o < queries << 2; o += 16) {
        const power = exp4(f32x4.sub(v128.load(scores + o), v128.load(lines + o)));
        let share = f32x4.mul(power, v128.load(lines + pitch + o));
        if (!isValue) {
          const g = f32x4.sub(v128.load(byShare + o), v128.load(lines + 2 * pitch + o));
          share = f32x4.mul(share, g);
        }
        v128.store(scores + o, share);
      }
    }
    if (isValue) {
      product(rows, pitch, count, queries, dy, dyStep, size, dx + key * dxStep, dxStep, 1, accumulate);
    } else {
      product(rows, pitch, count, queries, q, qStep, size, dx + key * dxStep, dxStep, factor, accumulate);
    }
  }
}
